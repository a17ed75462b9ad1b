import { shipped, token, user } from "./shipped-template.ts";

/** Mails about backups, tickets and what is going on. */
export const support = [
  shipped(
    "backup-failed",
    "Backup failed",
    "When a backup of a server did not come about.",
    [
      user,
      token("server.name", "Name of the server", "mc-01"),
      token("backup.at", "When it was tried", "2026-03-04T02:00:00Z"),
      token("backup.error", "What went wrong", "No space left on the backup storage"),
      token("backup.lastGoodAt", "The last one that worked", "2026-03-03T02:00:00Z"),
      token("backupUrl", "Where backups are managed", "https://panel.acme.example/servers/mc-01/backups"),
    ],
    {
      en: {
        subject: "The backup{% if server.name %} of {{ server.name }}{% endif %} failed",
        html: `<h1>A backup failed</h1>
<p>{% if user.name %}Hello {{ user.name }}, the{% else %}The{% endif %} backup{% if server.name %} of <strong>{{ server.name }}</strong>{% endif %} could not be made. Earlier backups are not touched.</p>
{% if backup.error %}<div class="bad">{{ backup.error }}</div>{% endif %}
<table class="facts">
{% if backup.at %}{% assign at = backup.at | date: "%-d %B %Y, %H:%M" %}{% render 'fact', label: 'Tried', value: at %}{% endif %}
{% if backup.lastGoodAt %}{% assign good = backup.lastGoodAt | date: "%-d %B %Y, %H:%M" %}{% render 'fact', label: 'Last good one', value: good %}{% endif %}
</table>
{% if backupUrl %}{% render 'button', url: backupUrl, label: 'See backups' %}{% endif %}
<p class="quiet">It is tried again at the next time of its schedule.</p>`,
      },
      de: {
        subject: "Die Sicherung{% if server.name %} von {{ server.name }}{% endif %} ist fehlgeschlagen",
        html: `<h1>Eine Sicherung ist fehlgeschlagen</h1>
<p>{% if user.name %}Guten Tag {{ user.name }}, die{% else %}Die{% endif %} Sicherung{% if server.name %} von <strong>{{ server.name }}</strong>{% endif %} kam nicht zustande. Frühere Sicherungen sind nicht betroffen.</p>
{% if backup.error %}<div class="bad">{{ backup.error }}</div>{% endif %}
<table class="facts">
{% if backup.at %}{% assign at = backup.at | date: "%-d. %B %Y, %H:%M" %}{% render 'fact', label: 'Versucht', value: at %}{% endif %}
{% if backup.lastGoodAt %}{% assign good = backup.lastGoodAt | date: "%-d. %B %Y, %H:%M" %}{% render 'fact', label: 'Letzte gute', value: good %}{% endif %}
</table>
{% if backupUrl %}{% render 'button', url: backupUrl, label: 'Sicherungen ansehen' %}{% endif %}
<p class="quiet">Zum nächsten geplanten Zeitpunkt wird es erneut versucht.</p>`,
      },
    },
  ),
  shipped(
    "ticket-reply",
    "Ticket reply",
    "When somebody answered a ticket.",
    [
      user,
      token("ticket.number", "Number of the ticket", "T-5127"),
      token("ticket.subject", "What it is about", "Server does not answer over IPv6"),
      token("reply.author", "Who answered", "Farid from support"),
      token(
        "reply.text",
        "The answer; line breaks are kept",
        "Hello Dana,\n\nthe gateway was missing on mc-01. It is set now, please try again.\n\nFarid",
      ),
      token("ticketUrl", "Where the ticket is", "https://panel.acme.example/tickets/T-5127"),
    ],
    {
      en: {
        subject:
          "Re: {{ ticket.subject | default: 'your ticket' }}{% if ticket.number %} [{{ ticket.number }}]{% endif %}",
        html: `<h1>{{ ticket.subject | default: "Your ticket" }}</h1>
<p>{% if reply.author %}<strong>{{ reply.author }}</strong> answered{% else %}There is an answer to{% endif %} your ticket{% if ticket.number %} {{ ticket.number }}{% endif %}:</p>
{% if reply.text %}<blockquote>{{ reply.text | escape | newline_to_br | raw }}</blockquote>{% endif %}
{% if ticketUrl %}{% render 'button', url: ticketUrl, label: 'Open ticket' %}{% endif %}`,
      },
      de: {
        subject:
          "Re: {{ ticket.subject | default: 'Ihr Ticket' }}{% if ticket.number %} [{{ ticket.number }}]{% endif %}",
        html: `<h1>{{ ticket.subject | default: "Ihr Ticket" }}</h1>
<p>{% if reply.author %}<strong>{{ reply.author }}</strong> hat auf Ihr Ticket{% else %}Auf Ihr Ticket{% endif %}{% if ticket.number %} {{ ticket.number }}{% endif %} {% if reply.author %}geantwortet{% else %}gibt es eine Antwort{% endif %}:</p>
{% if reply.text %}<blockquote>{{ reply.text | escape | newline_to_br | raw }}</blockquote>{% endif %}
{% if ticketUrl %}{% render 'button', url: ticketUrl, label: 'Ticket öffnen' %}{% endif %}`,
      },
    },
  ),
  shipped(
    "plain",
    "Plain",
    "A text of your own: heading, paragraphs, perhaps a button.",
    [
      token("subject", "The subject", "Maintenance on Sunday"),
      token("heading", "The heading; left out, the subject", "Maintenance on Sunday"),
      token(
        "message",
        "The text; line breaks are kept",
        "Hello Dana,\n\non Sunday between 02:00 and 04:00 UTC we renew the network in Falkenstein. Your servers stay on; connections may break for some minutes.\n\nThank you for your patience.",
      ),
      token("button.label", "What is written on the button", "Status page"),
      token("button.url", "Where it leads", "https://status.acme.example"),
    ],
    {
      en: {
        subject: "{{ subject | default: brand.name }}",
        html: `<h1>{{ heading | default: subject | default: brand.name }}</h1>
{% if message %}<p>{{ message | escape | newline_to_br | raw }}</p>{% endif %}
{% if button.url %}{% assign label = button.label | default: "Open" %}{% render 'button', url: button.url, label: label %}{% endif %}`,
      },
      de: {
        subject: "{{ subject | default: brand.name }}",
        html: `<h1>{{ heading | default: subject | default: brand.name }}</h1>
{% if message %}<p>{{ message | escape | newline_to_br | raw }}</p>{% endif %}
{% if button.url %}{% assign label = button.label | default: "Öffnen" %}{% render 'button', url: button.url, label: label %}{% endif %}`,
      },
    },
  ),
];
