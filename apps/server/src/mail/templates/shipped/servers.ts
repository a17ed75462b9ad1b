import { shipped, token, user } from "./shipped-template.ts";

const name = token("server.name", "Name of the server", "mc-01", { required: true });
const server = [
  name,
  token("server.ip", "Its address", "198.51.100.17"),
  token("server.plan", "Its plan", "Cloud server M"),
  token("server.location", "Where it stands", "Falkenstein"),
];
const url = token("serverUrl", "Its page in the panel", "https://panel.acme.example/servers/mc-01");
const reason = token("reason", "Why, in a few words", "The invoice 2026-00391 is overdue");

/** Mails about servers. */
export const servers = [
  shipped(
    "server-created",
    "Server created",
    "When a new server is ready.",
    [user, ...server, token("server.os", "Its system", "Debian 13"), url],
    {
      en: {
        subject: "Your server {{ server.name }} is ready",
        html: `<h1>Your server is ready</h1>
<p>{% if user.name %}Hello {{ user.name }}, your{% else %}Your{% endif %} server <strong>{{ server.name }}</strong> is up and running.</p>
<table class="facts">
{% render 'fact', label: 'Name', value: server.name %}
{% render 'fact', label: 'IP address', value: server.ip %}
{% render 'fact', label: 'Plan', value: server.plan %}
{% render 'fact', label: 'Location', value: server.location %}
{% render 'fact', label: 'System', value: server.os %}
</table>
{% if serverUrl %}{% render 'button', url: serverUrl, label: 'Manage server' %}{% endif %}
{% if server.ip %}<p>Sign in with your SSH key:</p>
<pre>ssh root@{{ server.ip }}</pre>{% endif %}
<p class="quiet">Passwords are never sent by mail. If you need one, set it in your panel.</p>`,
      },
      de: {
        subject: "Ihr Server {{ server.name }} ist bereit",
        html: `<h1>Ihr Server ist bereit</h1>
<p>{% if user.name %}Guten Tag {{ user.name }}, Ihr{% else %}Ihr{% endif %} Server <strong>{{ server.name }}</strong> läuft.</p>
<table class="facts">
{% render 'fact', label: 'Name', value: server.name %}
{% render 'fact', label: 'IP-Adresse', value: server.ip %}
{% render 'fact', label: 'Tarif', value: server.plan %}
{% render 'fact', label: 'Standort', value: server.location %}
{% render 'fact', label: 'System', value: server.os %}
</table>
{% if serverUrl %}{% render 'button', url: serverUrl, label: 'Server verwalten' %}{% endif %}
{% if server.ip %}<p>Melden Sie sich mit Ihrem SSH-Schlüssel an:</p>
<pre>ssh root@{{ server.ip }}</pre>{% endif %}
<p class="quiet">Passwörter verschicken wir nie per E-Mail. Wenn Sie eines brauchen, setzen Sie es in Ihrem Panel.</p>`,
      },
    },
  ),
  shipped(
    "server-suspended",
    "Server suspended",
    "When a server was suspended.",
    [user, ...server, reason, token("deleteOn", "When it is deleted if nothing happens", "2026-04-04"), url],
    {
      en: {
        subject: "Your server {{ server.name }} was suspended",
        html: `<h1>Your server was suspended</h1>
<p>{% if user.name %}Hello {{ user.name }}, we{% else %}We{% endif %} had to suspend <strong>{{ server.name }}</strong>. It is switched off; its data is kept.</p>
{% if reason %}<div class="warn"><strong>Reason:</strong> {{ reason }}</div>{% endif %}
<table class="facts">
{% render 'fact', label: 'Server', value: server.name %}
{% render 'fact', label: 'IP address', value: server.ip %}
{% if deleteOn %}{% assign on = deleteOn | date: "%-d %B %Y" %}{% render 'fact', label: 'Kept until', value: on %}{% endif %}
</table>
{% if serverUrl %}{% render 'button', url: serverUrl, label: 'Bring it back' %}{% endif %}
<p class="quiet">Do you think this is a mistake? Answer this mail, and we look at it.</p>`,
      },
      de: {
        subject: "Ihr Server {{ server.name }} wurde gesperrt",
        html: `<h1>Ihr Server wurde gesperrt</h1>
<p>{% if user.name %}Guten Tag {{ user.name }}, wir{% else %}Wir{% endif %} mussten <strong>{{ server.name }}</strong> sperren. Der Server ist abgeschaltet, seine Daten bleiben erhalten.</p>
{% if reason %}<div class="warn"><strong>Grund:</strong> {{ reason }}</div>{% endif %}
<table class="facts">
{% render 'fact', label: 'Server', value: server.name %}
{% render 'fact', label: 'IP-Adresse', value: server.ip %}
{% if deleteOn %}{% assign on = deleteOn | date: "%-d. %B %Y" %}{% render 'fact', label: 'Aufbewahrt bis', value: on %}{% endif %}
</table>
{% if serverUrl %}{% render 'button', url: serverUrl, label: 'Wieder freischalten' %}{% endif %}
<p class="quiet">Ist das ein Irrtum? Antworten Sie auf diese E-Mail, wir sehen es uns an.</p>`,
      },
    },
  ),
  shipped("server-unsuspended", "Server unsuspended", "When a suspended server runs again.", [user, ...server, url], {
    en: {
      subject: "Your server {{ server.name }} is back",
      html: `<h1>Your server is back</h1>
<p>{% if user.name %}Hello {{ user.name }}, the{% else %}The{% endif %} suspension of <strong>{{ server.name }}</strong> has ended. It runs again, with all its data.</p>
{% if serverUrl %}{% render 'button', url: serverUrl, label: 'Manage server' %}{% endif %}
<p class="quiet">Services that do not start by themselves may have to be started by hand.</p>`,
    },
    de: {
      subject: "Ihr Server {{ server.name }} läuft wieder",
      html: `<h1>Ihr Server läuft wieder</h1>
<p>{% if user.name %}Guten Tag {{ user.name }}, die{% else %}Die{% endif %} Sperre von <strong>{{ server.name }}</strong> ist aufgehoben. Der Server läuft wieder, mit allen Daten.</p>
{% if serverUrl %}{% render 'button', url: serverUrl, label: 'Server verwalten' %}{% endif %}
<p class="quiet">Dienste, die nicht von selbst anlaufen, müssen Sie gegebenenfalls von Hand starten.</p>`,
    },
  }),
  shipped(
    "server-deleted",
    "Server deleted",
    "When a server was deleted.",
    [user, ...server, reason, token("deletedBy", "Who deleted it", "Dana Whitfield")],
    {
      en: {
        subject: "Your server {{ server.name }} was deleted",
        html: `<h1>Your server was deleted</h1>
<p>{% if user.name %}Hello {{ user.name }}, <strong>{% else %}<strong>{% endif %}{{ server.name }}</strong> was deleted, with everything that was on it.</p>
<table class="facts">
{% render 'fact', label: 'Server', value: server.name %}
{% render 'fact', label: 'IP address', value: server.ip %}
{% render 'fact', label: 'Deleted by', value: deletedBy %}
{% render 'fact', label: 'Reason', value: reason %}
</table>
<p>It costs nothing from now on. Was it not you, or a mistake? Tell us at once: the sooner, the more can be saved.</p>`,
      },
      de: {
        subject: "Ihr Server {{ server.name }} wurde gelöscht",
        html: `<h1>Ihr Server wurde gelöscht</h1>
<p>{% if user.name %}Guten Tag {{ user.name }}, <strong>{% else %}<strong>{% endif %}{{ server.name }}</strong> wurde mit allem gelöscht, was darauf war.</p>
<table class="facts">
{% render 'fact', label: 'Server', value: server.name %}
{% render 'fact', label: 'IP-Adresse', value: server.ip %}
{% render 'fact', label: 'Gelöscht von', value: deletedBy %}
{% render 'fact', label: 'Grund', value: reason %}
</table>
<p>Ab jetzt entstehen keine Kosten mehr. Waren Sie das nicht, oder war es ein Irrtum? Sagen Sie uns sofort Bescheid: Je früher, desto mehr lässt sich retten.</p>`,
      },
    },
  ),
];
