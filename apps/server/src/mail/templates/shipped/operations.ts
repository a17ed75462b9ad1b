import { shipped, token, user } from "./shipped-template.ts";

/** Mails about what is going on: alerts and digests. */
export const operations = [
  shipped(
    "alert",
    "Alert",
    "When something needs somebody's attention now.",
    [
      token("alert.title", "What happened", "Node hel1-03 does not answer"),
      token("alert.severity", "critical, warning or info", "critical"),
      token(
        "alert.text",
        "What was seen; line breaks are kept",
        "No heartbeat for 5 minutes. 14 servers are on this node.",
      ),
      token("alert.at", "Since when", "2026-03-04T13:27:00Z"),
      token("alert.source", "What noticed it", "monitoring"),
      token("alertUrl", "Where to look", "https://daybook.acme.example/activity"),
    ],
    {
      en: {
        subject:
          "{% if alert.severity %}[{{ alert.severity }}] {% endif %}{{ alert.title | default: 'Something needs your attention' }}",
        html: `<h1>{{ alert.title | default: "Something needs your attention" }}</h1>
<div class="{% if alert.severity == "critical" %}bad{% elsif alert.severity == "warning" %}warn{% else %}note{% endif %}">{{ alert.text | default: "No details were given." | escape | newline_to_br | raw }}</div>
<table class="facts">
{% render 'fact', label: 'Severity', value: alert.severity %}
{% if alert.at %}{% assign at = alert.at | date: "%-d %B %Y, %H:%M" | append: " " | append: brand.timeZone %}{% render 'fact', label: 'Since', value: at %}{% endif %}
{% render 'fact', label: 'Noticed by', value: alert.source %}
</table>
{% if alertUrl %}{% render 'button', url: alertUrl, label: 'Look into it' %}{% endif %}`,
      },
      de: {
        subject:
          "{% if alert.severity %}[{{ alert.severity }}] {% endif %}{{ alert.title | default: 'Etwas braucht Ihre Aufmerksamkeit' }}",
        html: `<h1>{{ alert.title | default: "Etwas braucht Ihre Aufmerksamkeit" }}</h1>
<div class="{% if alert.severity == "critical" %}bad{% elsif alert.severity == "warning" %}warn{% else %}note{% endif %}">{{ alert.text | default: "Es wurden keine Einzelheiten genannt." | escape | newline_to_br | raw }}</div>
<table class="facts">
{% render 'fact', label: 'Schwere', value: alert.severity %}
{% if alert.at %}{% assign at = alert.at | date: "%-d. %B %Y, %H:%M" | append: " " | append: brand.timeZone %}{% render 'fact', label: 'Seit', value: at %}{% endif %}
{% render 'fact', label: 'Bemerkt von', value: alert.source %}
</table>
{% if alertUrl %}{% render 'button', url: alertUrl, label: 'Nachsehen' %}{% endif %}`,
      },
    },
  ),
  shipped(
    "digest",
    "Digest",
    "What happened in a day or a week, in figures.",
    [
      user,
      token("period", "The time it is about", "2 to 8 March 2026"),
      token("figures", "Label and value, and a change if there is one", [
        { label: "Events", value: "48,210", change: "+4 %" },
        { label: "Failed sign-ins", value: "312", change: "−18 %" },
        { label: "Servers created", value: "57", change: "+9 %" },
        { label: "Tasks that failed", value: "4" },
      ]),
      token("highlights", "What stood out: title, and an address if there is one", [
        { title: "Brute force on 3 accounts from 203.0.113.0/24, blocked", url: "https://daybook.acme.example/logins" },
        { title: "Backups of hel1-03 were late twice" },
      ]),
      token("digestUrl", "Where the whole is", "https://daybook.acme.example/activity"),
      token("unsubscribeUrl", "Where the digest can be turned off", "https://daybook.acme.example/account"),
    ],
    {
      en: {
        subject: "{{ brand.name }}: {{ period | default: 'your digest' }}",
        html: `<h1>Your digest</h1>
{% if period %}<p>{{ period }}</p>{% endif %}
{% if figures.size > 0 %}<table class="items">
{% for figure in figures %}<tr><th scope="row">{{ figure.label }}</th><td class="number"><strong>{{ figure.value }}</strong>{% if figure.change %} &nbsp;{{ figure.change }}{% endif %}</td></tr>
{% endfor %}</table>{% endif %}
{% if highlights.size > 0 %}<h2>What stood out</h2>
<ul>
{% for item in highlights %}<li>{% if item.url %}<a href="{{ item.url }}">{{ item.title }}</a>{% else %}{{ item.title }}{% endif %}</li>
{% endfor %}</ul>{% endif %}
{% if digestUrl %}{% render 'button', url: digestUrl, label: 'See everything' %}{% endif %}
{% if unsubscribeUrl %}<p class="quiet"><a href="{{ unsubscribeUrl }}">Stop these digests</a></p>{% endif %}`,
      },
      de: {
        subject: "{{ brand.name }}: {{ period | default: 'Ihr Überblick' }}",
        html: `<h1>Ihr Überblick</h1>
{% if period %}<p>{{ period }}</p>{% endif %}
{% if figures.size > 0 %}<table class="items">
{% for figure in figures %}<tr><th scope="row">{{ figure.label }}</th><td class="number"><strong>{{ figure.value }}</strong>{% if figure.change %} &nbsp;{{ figure.change }}{% endif %}</td></tr>
{% endfor %}</table>{% endif %}
{% if highlights.size > 0 %}<h2>Was auffiel</h2>
<ul>
{% for item in highlights %}<li>{% if item.url %}<a href="{{ item.url }}">{{ item.title }}</a>{% else %}{{ item.title }}{% endif %}</li>
{% endfor %}</ul>{% endif %}
{% if digestUrl %}{% render 'button', url: digestUrl, label: 'Alles ansehen' %}{% endif %}
{% if unsubscribeUrl %}<p class="quiet"><a href="{{ unsubscribeUrl }}">Überblick abbestellen</a></p>{% endif %}`,
      },
    },
    { unsubscribe: true },
  ),
];
