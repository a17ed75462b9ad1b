import { shipped, token, user } from "./shipped-template.ts";

const link = (name: string, what: string, path: string) =>
  token(name, what, `https://panel.acme.example/${path}`, { required: true, secret: true });
const hours = token("validHours", "How many hours the link is good for", 24);

const device = [
  token("login.at", "When", "2026-03-04T13:32:00Z"),
  token("login.ip", "IP address", "203.0.113.24"),
  token("login.place", "Where the address belongs to", "Lisbon, Portugal"),
  token("login.browser", "Browser", "Firefox 140"),
  token("login.os", "System", "Windows 11"),
];

/** Mails about a person's account. */
export const account = [
  shipped(
    "welcome",
    "Welcome",
    "To somebody who has just signed up.",
    [user, token("panelUrl", "Address of the panel", "https://panel.acme.example", { required: true })],
    {
      en: {
        subject: "Welcome to {{ brand.name }}",
        html: `<h1>Welcome{% if user.name %}, {{ user.name }}{% endif %}</h1>
<p>Your account is ready. In your panel you order servers, see what they cost and get help when something does not work.</p>
{% render 'button', url: panelUrl, label: 'Open your panel' %}
<p><strong>Good first steps</strong></p>
<ul>
<li>Turn on two-factor sign-in, so that a stolen password is not enough.</li>
<li>Complete your billing details before the first order.</li>
<li>Add your SSH key: new servers know it from the start.</li>
</ul>
<p class="quiet">Questions? Answer this mail, or open a ticket in your panel.</p>`,
      },
      de: {
        subject: "Willkommen bei {{ brand.name }}",
        html: `<h1>Willkommen{% if user.name %}, {{ user.name }}{% endif %}</h1>
<p>Ihr Konto ist bereit. In Ihrem Panel bestellen Sie Server, sehen die Kosten und bekommen Hilfe, wenn etwas nicht läuft.</p>
{% render 'button', url: panelUrl, label: 'Panel öffnen' %}
<p><strong>Gute erste Schritte</strong></p>
<ul>
<li>Schalten Sie die Anmeldung mit zwei Faktoren ein: Dann genügt ein gestohlenes Passwort nicht.</li>
<li>Ergänzen Sie Ihre Rechnungsdaten vor der ersten Bestellung.</li>
<li>Hinterlegen Sie Ihren SSH-Schlüssel: Neue Server kennen ihn von Anfang an.</li>
</ul>
<p class="quiet">Fragen? Antworten Sie auf diese E-Mail oder öffnen Sie ein Ticket in Ihrem Panel.</p>`,
      },
    },
  ),
  shipped(
    "verify-address",
    "Verify address",
    "To check that an e-mail address belongs to whoever gave it.",
    [
      user,
      link("verifyUrl", "The link that confirms the address", "verify/f3hK9vQ2mZ7x"),
      token("code", "The same as a code to type in", "481 209", { secret: true }),
      hours,
    ],
    {
      en: {
        subject: "Confirm your e-mail address",
        html: `<h1>Confirm your e-mail address</h1>
<p>{% if user.name %}Hello {{ user.name }}, please{% else %}Please{% endif %} confirm that this address is yours.</p>
{% render 'button', url: verifyUrl, label: 'Confirm address' %}
{% if code %}<p>Or type in this code:</p>
<p class="code">{{ code }}</p>{% endif %}
{% render 'plain-link', url: verifyUrl %}
<p class="quiet">{% if validHours %}The link is good for {{ validHours }} hours. {% endif %}If you did not sign up with us, ignore this mail: nothing happens.</p>`,
      },
      de: {
        subject: "Bestätigen Sie Ihre E-Mail-Adresse",
        html: `<h1>Bestätigen Sie Ihre E-Mail-Adresse</h1>
<p>{% if user.name %}Guten Tag {{ user.name }}, bitte{% else %}Bitte{% endif %} bestätigen Sie, dass diese Adresse Ihnen gehört.</p>
{% render 'button', url: verifyUrl, label: 'Adresse bestätigen' %}
{% if code %}<p>Oder geben Sie diesen Code ein:</p>
<p class="code">{{ code }}</p>{% endif %}
{% render 'plain-link', url: verifyUrl %}
<p class="quiet">{% if validHours %}Der Link gilt {{ validHours }} Stunden. {% endif %}Wenn Sie sich nicht bei uns angemeldet haben, können Sie diese E-Mail ignorieren.</p>`,
      },
    },
  ),
  shipped(
    "password-reset",
    "Password reset",
    "To somebody who asked for a new password.",
    [
      user,
      link("resetUrl", "The link that lets them choose a password", "reset/tK2v8RqYc41m"),
      hours,
      token("ip", "Address from which it was asked for", "203.0.113.24"),
    ],
    {
      en: {
        subject: "Choose a new password",
        html: `<h1>Choose a new password</h1>
<p>{% if user.name %}Hello {{ user.name }}, somebody{% else %}Somebody{% endif %} asked for a new password for your account{% if ip %}, from the address {{ ip }}{% endif %}.</p>
{% render 'button', url: resetUrl, label: 'Choose a password' %}
{% render 'plain-link', url: resetUrl %}
<p class="quiet">{% if validHours %}The link is good for {{ validHours }} hours and works once. {% endif %}If it was not you, ignore this mail: your password stays as it is.</p>`,
      },
      de: {
        subject: "Neues Passwort wählen",
        html: `<h1>Neues Passwort wählen</h1>
<p>{% if user.name %}Guten Tag {{ user.name }}, für{% else %}Für{% endif %} Ihr Konto wurde ein neues Passwort angefordert{% if ip %}, von der Adresse {{ ip }}{% endif %}.</p>
{% render 'button', url: resetUrl, label: 'Passwort wählen' %}
{% render 'plain-link', url: resetUrl %}
<p class="quiet">{% if validHours %}Der Link gilt {{ validHours }} Stunden und nur einmal. {% endif %}Wenn Sie das nicht waren, ignorieren Sie diese E-Mail: Ihr Passwort bleibt, wie es ist.</p>`,
      },
    },
  ),
  shipped(
    "password-changed",
    "Password changed",
    "After a password was changed, so that a theft is noticed.",
    [
      user,
      ...device,
      token("panelUrl", "Where the password can be changed again", "https://panel.acme.example/security"),
    ],
    {
      en: {
        subject: "Your password was changed",
        html: `<h1>Your password was changed</h1>
<p>{% if user.name %}Hello {{ user.name }}, the{% else %}The{% endif %} password of your account was just changed. If that was you, all is well.</p>
<table class="facts">
{% assign at = login.at | date: "%-d %B %Y, %H:%M" %}{% render 'fact', label: 'When', value: at %}
{% render 'fact', label: 'IP address', value: login.ip %}
{% render 'fact', label: 'Place', value: login.place %}
{% render 'fact', label: 'Browser', value: login.browser %}
</table>
<div class="warn"><strong>Was it not you?</strong> Choose a new password at once, and tell us.</div>
{% if panelUrl %}{% render 'button', url: panelUrl, label: 'Secure your account' %}{% endif %}`,
      },
      de: {
        subject: "Ihr Passwort wurde geändert",
        html: `<h1>Ihr Passwort wurde geändert</h1>
<p>{% if user.name %}Guten Tag {{ user.name }}, das{% else %}Das{% endif %} Passwort Ihres Kontos wurde soeben geändert. Wenn Sie das waren, ist alles in Ordnung.</p>
<table class="facts">
{% assign at = login.at | date: "%-d. %B %Y, %H:%M" %}{% render 'fact', label: 'Wann', value: at %}
{% render 'fact', label: 'IP-Adresse', value: login.ip %}
{% render 'fact', label: 'Ort', value: login.place %}
{% render 'fact', label: 'Browser', value: login.browser %}
</table>
<div class="warn"><strong>Waren Sie das nicht?</strong> Wählen Sie sofort ein neues Passwort und sagen Sie uns Bescheid.</div>
{% if panelUrl %}{% render 'button', url: panelUrl, label: 'Konto sichern' %}{% endif %}`,
      },
    },
  ),
];
