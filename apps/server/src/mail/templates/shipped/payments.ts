import { shipped, token, user } from "./shipped-template.ts";

const amount = token("amount", "The sum, as it is to be read", "€22.70");
const invoice = [
  token("invoice.number", "Number of the invoice", "2026-00417"),
  token("invoice.url", "Where it can be read and paid", "https://panel.acme.example/invoices/2026-00417"),
];
const method = token("payment.method", "How it was paid", "Visa ending in 4242");

/** Mails about payments. */
export const payments = [
  shipped(
    "payment-receipt",
    "Payment receipt",
    "After a payment arrived.",
    [user, amount, ...invoice, method, token("payment.at", "When it arrived", "2026-03-04T13:32:00Z")],
    {
      en: {
        subject: "We received your payment{% if amount %} of {{ amount }}{% endif %}",
        html: `<h1>Thank you, we received your payment</h1>
{% if amount %}<p class="amount">{{ amount }}</p>{% endif %}
<table class="facts">
{% if payment.at %}{% assign at = payment.at | date: "%-d %B %Y" %}{% render 'fact', label: 'Date', value: at %}{% endif %}
{% render 'fact', label: 'Paid by', value: payment.method %}
{% render 'fact', label: 'Invoice', value: invoice.number %}
</table>
{% if invoice.url %}{% render 'button', url: invoice.url, label: 'View invoice' %}{% endif %}
<p class="quiet">Keep this mail as your receipt.</p>`,
      },
      de: {
        subject: "Ihre Zahlung{% if amount %} über {{ amount }}{% endif %} ist eingegangen",
        html: `<h1>Danke, Ihre Zahlung ist eingegangen</h1>
{% if amount %}<p class="amount">{{ amount }}</p>{% endif %}
<table class="facts">
{% if payment.at %}{% assign at = payment.at | date: "%-d. %B %Y" %}{% render 'fact', label: 'Datum', value: at %}{% endif %}
{% render 'fact', label: 'Bezahlt mit', value: payment.method %}
{% render 'fact', label: 'Rechnung', value: invoice.number %}
</table>
{% if invoice.url %}{% render 'button', url: invoice.url, label: 'Rechnung ansehen' %}{% endif %}
<p class="quiet">Bitte bewahren Sie diese E-Mail als Beleg auf.</p>`,
      },
    },
  ),
  shipped(
    "payment-failed",
    "Payment failed",
    "When a payment did not go through.",
    [
      user,
      amount,
      ...invoice,
      method,
      token("payment.reason", "Why, in a few words", "The card has expired"),
      token("retryOn", "When it is tried again", "2026-03-07"),
    ],
    {
      en: {
        subject: "Your payment{% if amount %} of {{ amount }}{% endif %} did not go through",
        html: `<h1>Your payment did not go through</h1>
<p>{% if user.name %}Hello {{ user.name }}, we{% else %}We{% endif %} could not collect {% if amount %}<strong>{{ amount }}</strong>{% else %}your payment{% endif %}{% if invoice.number %} for the invoice {{ invoice.number }}{% endif %}.</p>
{% if payment.reason %}<div class="bad"><strong>Reason:</strong> {{ payment.reason }}</div>{% endif %}
{% if invoice.url %}{% render 'button', url: invoice.url, label: 'Pay now' %}{% endif %}
<p>{% if retryOn %}We try again on <strong>{{ retryOn | date: "%-d %B %Y" }}</strong>. {% endif %}Until then your services go on as they are. Please check your payment method{% if payment.method %} ({{ payment.method }}){% endif %}.</p>`,
      },
      de: {
        subject: "Ihre Zahlung{% if amount %} über {{ amount }}{% endif %} ist fehlgeschlagen",
        html: `<h1>Ihre Zahlung ist fehlgeschlagen</h1>
<p>{% if user.name %}Guten Tag {{ user.name }}, wir{% else %}Wir{% endif %} konnten {% if amount %}<strong>{{ amount }}</strong>{% else %}Ihre Zahlung{% endif %}{% if invoice.number %} zur Rechnung {{ invoice.number }}{% endif %} nicht einziehen.</p>
{% if payment.reason %}<div class="bad"><strong>Grund:</strong> {{ payment.reason }}</div>{% endif %}
{% if invoice.url %}{% render 'button', url: invoice.url, label: 'Jetzt bezahlen' %}{% endif %}
<p>{% if retryOn %}Am <strong>{{ retryOn | date: "%-d. %B %Y" }}</strong> versuchen wir es erneut. {% endif %}Bis dahin laufen Ihre Dienste weiter. Bitte prüfen Sie Ihr Zahlungsmittel{% if payment.method %} ({{ payment.method }}){% endif %}.</p>`,
      },
    },
  ),
  shipped(
    "renewal-reminder",
    "Renewal reminder",
    "Before a product is renewed or runs out.",
    [
      user,
      token("product", "What is renewed", "Cloud server M (mc-01)"),
      amount,
      token("renewsOn", "When", "2026-03-18"),
      token("automatic", "It renews by itself", true),
      token("renewUrl", "Where to renew or cancel", "https://panel.acme.example/servers/mc-01/renewal"),
    ],
    {
      en: {
        subject:
          "{{ product | default: 'Your product' }} {% if automatic %}renews{% else %}runs out{% endif %}{% if renewsOn %} on {{ renewsOn | date: '%-d %B' }}{% endif %}",
        html: `<h1>{{ product | default: "Your product" }} {% if automatic %}renews soon{% else %}runs out soon{% endif %}</h1>
<p>{% if user.name %}Hello {{ user.name }}, {% else %}Hello, {% endif %}{% if automatic %}there is nothing to do if you want to keep it: it renews by itself.{% else %}please renew it in time if you want to keep it. After that date it is switched off.{% endif %}</p>
<table class="facts">
{% render 'fact', label: 'Product', value: product %}
{% if renewsOn %}{% assign on = renewsOn | date: "%-d %B %Y" %}{% render 'fact', label: 'Date', value: on %}{% endif %}
{% render 'fact', label: 'Price', value: amount %}
</table>
{% if renewUrl %}{% if automatic %}{% render 'button', url: renewUrl, label: 'See renewal' %}{% else %}{% render 'button', url: renewUrl, label: 'Renew now' %}{% endif %}{% endif %}`,
      },
      de: {
        subject:
          "{{ product | default: 'Ihr Produkt' }} {% if automatic %}verlängert sich{% else %}läuft aus{% endif %}{% if renewsOn %} am {{ renewsOn | date: '%-d. %B' }}{% endif %}",
        html: `<h1>{{ product | default: "Ihr Produkt" }} {% if automatic %}verlängert sich bald{% else %}läuft bald aus{% endif %}</h1>
<p>{% if user.name %}Guten Tag {{ user.name }}, {% else %}Guten Tag, {% endif %}{% if automatic %}wenn Sie es behalten möchten, ist nichts zu tun: Die Verlängerung geschieht von selbst.{% else %}bitte verlängern Sie rechtzeitig, wenn Sie es behalten möchten. Danach wird es abgeschaltet.{% endif %}</p>
<table class="facts">
{% render 'fact', label: 'Produkt', value: product %}
{% if renewsOn %}{% assign on = renewsOn | date: "%-d. %B %Y" %}{% render 'fact', label: 'Datum', value: on %}{% endif %}
{% render 'fact', label: 'Preis', value: amount %}
</table>
{% if renewUrl %}{% if automatic %}{% render 'button', url: renewUrl, label: 'Verlängerung ansehen' %}{% else %}{% render 'button', url: renewUrl, label: 'Jetzt verlängern' %}{% endif %}{% endif %}`,
      },
    },
  ),
];
