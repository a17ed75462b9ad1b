import { shipped, token, user } from "./shipped-template.ts";

const invoice = [
  token("invoice.number", "Number of the invoice", "2026-00417"),
  token("invoice.url", "Where it can be read and paid", "https://panel.acme.example/invoices/2026-00417"),
];
const items = token("items", "What it is for: name, quantity, amount", [
  { name: "Cloud server M, Falkenstein, March 2026", quantity: 1, amount: "€12.90" },
  { name: "Backup space, 500 GB", quantity: 2, amount: "€9.80" },
]);
const table = (what: string, amount: string, total: string): string => `{% if items.size > 0 %}<table class="items">
<tr><th scope="col">${what}</th><th class="number" scope="col">${amount}</th></tr>
{% for item in items %}<tr><td>{% if item.quantity > 1 %}{{ item.quantity }} × {% endif %}{{ item.name }}</td><td class="number">{{ item.amount }}</td></tr>
{% endfor %}{% if amount %}<tr><td><strong>${total}</strong></td><td class="number"><strong>{{ amount }}</strong></td></tr>
{% endif %}</table>{% endif %}`;

/** Mails about orders and invoices. */
export const purchases = [
  shipped(
    "purchase-confirmation",
    "Purchase confirmation",
    "After an order.",
    [
      user,
      token("order.number", "Number of the order", "O-20418"),
      token("product", "What was ordered, where there is no list", "Cloud server M"),
      items,
      token("amount", "The sum, as it is to be read", "€22.70"),
      token("orderUrl", "Where the order can be seen", "https://panel.acme.example/orders/O-20418"),
    ],
    {
      en: {
        subject: "Thank you for your order{% if order.number %} {{ order.number }}{% endif %}",
        html: `<h1>Thank you for your order</h1>
<p>{% if user.name %}Hello {{ user.name }}, we{% else %}We{% endif %} have received your order{% if product %} of <strong>{{ product }}</strong>{% endif %} and are working on it. You get another mail when everything is ready.</p>
${table("Item", "Price", "Total")}
{% if orderUrl %}{% render 'button', url: orderUrl, label: 'See your order' %}{% endif %}
{% if order.number %}<p class="quiet">Order number: {{ order.number }}</p>{% endif %}`,
      },
      de: {
        subject: "Danke für Ihre Bestellung{% if order.number %} {{ order.number }}{% endif %}",
        html: `<h1>Danke für Ihre Bestellung</h1>
<p>{% if user.name %}Guten Tag {{ user.name }}, Ihre{% else %}Ihre{% endif %} Bestellung{% if product %} von <strong>{{ product }}</strong>{% endif %} ist eingegangen, wir arbeiten daran. Sobald alles bereit ist, bekommen Sie eine weitere E-Mail.</p>
${table("Posten", "Preis", "Summe")}
{% if orderUrl %}{% render 'button', url: orderUrl, label: 'Bestellung ansehen' %}{% endif %}
{% if order.number %}<p class="quiet">Bestellnummer: {{ order.number }}</p>{% endif %}`,
      },
    },
  ),
  shipped(
    "invoice",
    "Invoice",
    "A new invoice that is to be paid.",
    [
      user,
      ...invoice,
      items,
      token("amount", "The sum, as it is to be read", "€22.70"),
      token("dueOn", "Until when", "2026-03-18"),
    ],
    {
      en: {
        subject:
          "Invoice{% if invoice.number %} {{ invoice.number }}{% endif %}{% if amount %}: {{ amount }}{% endif %}",
        html: `<h1>Your invoice{% if invoice.number %} {{ invoice.number }}{% endif %}</h1>
<p>{% if user.name %}Hello {{ user.name }}, here{% else %}Here{% endif %} is your new invoice{% if dueOn %}. Please pay it by <strong>{{ dueOn | date: "%-d %B %Y" }}</strong>{% endif %}.</p>
{% if amount %}<p class="amount">{{ amount }}</p>{% endif %}
${table("Item", "Price", "Total")}
{% if invoice.url %}{% render 'button', url: invoice.url, label: 'View and pay' %}{% endif %}
<p class="quiet">If you pay by direct debit or card on file, there is nothing to do.</p>`,
      },
      de: {
        subject:
          "Rechnung{% if invoice.number %} {{ invoice.number }}{% endif %}{% if amount %}: {{ amount }}{% endif %}",
        html: `<h1>Ihre Rechnung{% if invoice.number %} {{ invoice.number }}{% endif %}</h1>
<p>{% if user.name %}Guten Tag {{ user.name }}, hier{% else %}Hier{% endif %} ist Ihre neue Rechnung{% if dueOn %}. Bitte bezahlen Sie sie bis zum <strong>{{ dueOn | date: "%-d. %B %Y" }}</strong>{% endif %}.</p>
{% if amount %}<p class="amount">{{ amount }}</p>{% endif %}
${table("Posten", "Preis", "Summe")}
{% if invoice.url %}{% render 'button', url: invoice.url, label: 'Ansehen und bezahlen' %}{% endif %}
<p class="quiet">Wenn Sie per Lastschrift oder hinterlegter Karte zahlen, ist nichts zu tun.</p>`,
      },
    },
  ),
];
