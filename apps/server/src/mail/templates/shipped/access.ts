import { shipped, token, user } from "./shipped-template.ts";

const device = [
  token("login.at", "When", "2026-03-04T13:32:00Z"),
  token("login.ip", "IP address", "203.0.113.24"),
  token("login.place", "Where the address belongs to", "Lisbon, Portugal"),
  token("login.browser", "Browser", "Firefox 140"),
  token("login.os", "System", "Windows 11"),
];

/** Mails about sign-ins and the people of a team. */
export const access = [
  shipped(
    "new-login-location",
    "Sign-in from a new location",
    "After a sign-in from a place from which there was none before.",
    [user, ...device, token("panelUrl", "Where the account can be secured", "https://panel.acme.example/security")],
    {
      en: {
        subject: "New sign-in{% if login.place %} from {{ login.place }}{% endif %}",
        html: `<h1>A sign-in from a new location</h1>
<p>{% if user.name %}Hello {{ user.name }}, somebody{% else %}Somebody{% endif %} signed in to your account from a place that we have not seen before. If that was you, there is nothing to do.</p>
<table class="facts">
{% assign at = login.at | date: "%-d %B %Y, %H:%M" %}{% render 'fact', label: 'When', value: at %}
{% render 'fact', label: 'Place', value: login.place %}
{% render 'fact', label: 'IP address', value: login.ip %}
{% render 'fact', label: 'Browser', value: login.browser %}
{% render 'fact', label: 'System', value: login.os %}
</table>
<div class="warn"><strong>Was it not you?</strong> Change your password at once and end all other sessions.</div>
{% if panelUrl %}{% render 'button', url: panelUrl, label: 'Secure your account' %}{% endif %}
<p class="quiet">Places are found from IP addresses and may be some way off.</p>`,
      },
      de: {
        subject: "Neue Anmeldung{% if login.place %} aus {{ login.place }}{% endif %}",
        html: `<h1>Anmeldung von einem neuen Ort</h1>
<p>{% if user.name %}Guten Tag {{ user.name }}, bei{% else %}Bei{% endif %} Ihrem Konto gab es eine Anmeldung von einem Ort, den wir noch nicht kennen. Wenn Sie das waren, ist nichts zu tun.</p>
<table class="facts">
{% assign at = login.at | date: "%-d. %B %Y, %H:%M" %}{% render 'fact', label: 'Wann', value: at %}
{% render 'fact', label: 'Ort', value: login.place %}
{% render 'fact', label: 'IP-Adresse', value: login.ip %}
{% render 'fact', label: 'Browser', value: login.browser %}
{% render 'fact', label: 'System', value: login.os %}
</table>
<div class="warn"><strong>Waren Sie das nicht?</strong> Ändern Sie sofort Ihr Passwort und beenden Sie alle anderen Sitzungen.</div>
{% if panelUrl %}{% render 'button', url: panelUrl, label: 'Konto sichern' %}{% endif %}
<p class="quiet">Orte werden aus IP-Adressen bestimmt und können um einiges abweichen.</p>`,
      },
    },
  ),
  shipped(
    "session-expired",
    "Session expired",
    "When somebody was signed out because their session had ended.",
    [
      user,
      token("session.endedAt", "When it ended", "2026-03-04T17:05:00Z"),
      token("session.why", "idle: it was not used for long; age: it was too old", "idle"),
      token("panelUrl", "Where to sign in again", "https://panel.acme.example/sign-in"),
    ],
    {
      en: {
        subject: "You were signed out",
        html: `<h1>You were signed out</h1>
<p>{% if user.name %}Hello {{ user.name }}, your{% else %}Your{% endif %} session ended{% if session.endedAt %} on {{ session.endedAt | date: "%-d %B %Y at %H:%M" }}{% endif %}{% if session.why == "age" %}: it had reached its greatest age{% elsif session.why == "idle" %}: it had not been used for a long time{% endif %}.</p>
{% if panelUrl %}{% render 'button', url: panelUrl, label: 'Sign in again' %}{% endif %}
<p class="quiet">Nothing is lost. This keeps others out of an account that was left open.</p>`,
      },
      de: {
        subject: "Sie wurden abgemeldet",
        html: `<h1>Sie wurden abgemeldet</h1>
<p>{% if user.name %}Guten Tag {{ user.name }}, Ihre{% else %}Ihre{% endif %} Sitzung endete{% if session.endedAt %} am {{ session.endedAt | date: "%-d. %B %Y um %H:%M" }} Uhr{% endif %}{% if session.why == "age" %}, weil sie ihr Höchstalter erreicht hatte{% elsif session.why == "idle" %}, weil sie lange nicht benutzt wurde{% endif %}.</p>
{% if panelUrl %}{% render 'button', url: panelUrl, label: 'Wieder anmelden' %}{% endif %}
<p class="quiet">Es ist nichts verloren. So bleibt ein offen gelassenes Konto für andere verschlossen.</p>`,
      },
    },
  ),
  shipped(
    "team-invitation",
    "Team invitation",
    "To somebody who is invited to an account or a team.",
    [
      user,
      token("inviter.name", "Who invites", "Ines Duarte"),
      token("team", "What they are invited to; left out, your brand", "Harbour Cycling"),
      token("role", "What they may do there", "Administrator"),
      token(
        "inviteUrl",
        "The link that accepts the invitation",
        "https://panel.acme.example/invitations/nP4wXc7TqE9a",
        {
          required: true,
          secret: true,
        },
      ),
      token("validHours", "How many hours the link is good for", 72),
    ],
    {
      en: {
        subject:
          "{% if inviter.name %}{{ inviter.name }} invites you{% else %}You are invited{% endif %} to {{ team | default: brand.name }}",
        html: `<h1>You are invited to {{ team | default: brand.name }}</h1>
<p>{% if user.name %}Hello {{ user.name }}, {% else %}Hello, {% endif %}{% if inviter.name %}<strong>{{ inviter.name }}</strong> would like to work with you{% else %}you have been invited to work{% endif %} in {{ team | default: brand.name }}{% if role %}, with the role <strong>{{ role }}</strong>{% endif %}.</p>
{% render 'button', url: inviteUrl, label: 'Accept invitation' %}
{% render 'plain-link', url: inviteUrl %}
<p class="quiet">{% if validHours %}The link is good for {{ validHours }} hours. {% endif %}If you do not know the sender, ignore this mail.</p>`,
      },
      de: {
        subject:
          "{% if inviter.name %}{{ inviter.name }} lädt Sie ein{% else %}Sie sind eingeladen{% endif %}: {{ team | default: brand.name }}",
        html: `<h1>Einladung zu {{ team | default: brand.name }}</h1>
<p>{% if user.name %}Guten Tag {{ user.name }}, {% else %}Guten Tag, {% endif %}{% if inviter.name %}<strong>{{ inviter.name }}</strong> lädt Sie zur Zusammenarbeit{% else %}Sie sind zur Zusammenarbeit{% endif %} in {{ team | default: brand.name }}{% if role %} mit der Rolle <strong>{{ role }}</strong>{% endif %} ein{% unless inviter.name %}geladen{% endunless %}.</p>
{% render 'button', url: inviteUrl, label: 'Einladung annehmen' %}
{% render 'plain-link', url: inviteUrl %}
<p class="quiet">{% if validHours %}Der Link gilt {{ validHours }} Stunden. {% endif %}Wenn Sie den Absender nicht kennen, ignorieren Sie diese E-Mail.</p>`,
      },
    },
  ),
];
