import type { TemplateToken } from "@daybook/contract";
import { layoutIn } from "./layout.ts";
import { type ShippedTemplate, token } from "./shipped-template.ts";

function partial(
  name: string,
  title: string,
  what: string,
  tokens: TemplateToken[],
  html: { en: string; de?: string },
): ShippedTemplate {
  const texts = Object.fromEntries(
    Object.entries(html).map(([locale, text]) => [locale, { subject: title, html: text }]),
  );
  return { name, title, what, kind: "partial", tokens, layout: false, unsubscribe: false, texts };
}

const url = token("url", "Where it leads", "https://panel.acme.example");

/** The layout, and the parts that templates are made of. */
export const partials: ShippedTemplate[] = [
  partial(
    "layout",
    "Layout",
    "What stands around every mail: name and logo on top, a card with the text, the footer.",
    [token("content", "The mail's own HTML", "<p>The text of the mail.</p>"), token("subject", "The subject", "Hello")],
    { en: layoutIn("en"), de: layoutIn("de") },
  ),
  partial("footer", "Footer", "The last lines of every mail: a good place for your address and legal notice.", [], {
    en: '<p style="margin:0">This mail was sent to you by {{ brand.name }}.</p>',
    de: '<p style="margin:0">Diese E-Mail hat Ihnen {{ brand.name }} gesendet.</p>',
  }),
  partial(
    "button",
    "Button",
    "A button: {% render 'button', url: resetUrl, label: 'Choose a password' %}.",
    [url, token("label", "What is written on it", "Open your panel")],
    {
      en: `<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:8px 0 24px;border-collapse:separate"><tr><td class="m-button" bgcolor="{{ brand.strong }}" style="padding:0;border:0;border-radius:9px;background:{{ brand.strong }}"><a href="{{ url }}" style="display:inline-block;padding:13px 26px;border-radius:9px;font-size:16px;line-height:1.3;font-weight:600;color:#ffffff;text-decoration:none">{{ label }}</a></td></tr></table>`,
    },
  ),
  partial(
    "plain-link",
    "Link in full",
    "The same address to copy, below a button: {% render 'plain-link', url: resetUrl %}.",
    [url],
    {
      en: `<p class="quiet no-text">If the button does not work, copy this address into your browser:<br><a href="{{ url }}">{{ url }}</a></p>`,
      de: `<p class="quiet no-text">Falls die Schaltfläche nicht funktioniert, kopieren Sie diese Adresse in Ihren Browser:<br><a href="{{ url }}">{{ url }}</a></p>`,
    },
  ),
  partial(
    "fact",
    "Line of a table",
    "One line of <table class=\"facts\">: {% render 'fact', label: 'Server', value: server.name %}. Nothing without a value.",
    [token("label", "What it is", "Server"), token("value", "Its value", "mc-01")],
    {
      en: `{% if value != blank and value != nil %}<tr><th scope="row" width="36%">{{ label }}</th><td>{{ value }}</td></tr>{% endif %}`,
    },
  ),
];
