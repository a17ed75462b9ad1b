/** The frame of every mail: tables and `style` attributes for mail programs of every age, a style sheet for those that read one. */
const head = `<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="x-apple-disable-message-reformatting">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no">
<title>{{ subject }}</title>
<style>
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (max-width: 480px) {
  .m-card { padding: 28px 22px 16px !important; }
  .m-head { padding: 22px 4px 16px !important; }
  .m-foot { padding: 18px 4px 28px !important; }
  .m-body h1 { font-size: 22px !important; }
  .m-body p.code { font-size: 24px !important; letter-spacing: 0.1em !important; }
}
@media (prefers-color-scheme: dark) {
  .m-page { background: #101115 !important; }
  .m-card { background: #1a1b20 !important; border-color: #2c2e37 !important; }
  .m-brand { color: #f2f3f6 !important; }
  .m-body, .m-body p, .m-body li { color: #d2d5dc !important; }
  .m-body h1, .m-body h2, .m-body strong, .m-body td, .m-body p.code, .m-body p.amount { color: #f2f3f6 !important; }
  .m-body p.quiet, .m-body th, .m-body blockquote { color: #a6abb8 !important; }
  .m-body th, .m-body td, .m-body hr { border-color: #2c2e37 !important; }
  .m-body p.code, .m-body pre, .m-body div.note { background: #24262e !important; }
  .m-body blockquote { border-color: #434753 !important; }
  .m-body a { color: {{ brand.dark }} !important; }
  .m-body .m-button, .m-body .m-button a { color: #ffffff !important; border: 0 !important; }
  .m-body div.note { color: #d2d5dc !important; }
  .m-body div.good { background: #14301f !important; color: #a7e3bf !important; }
  .m-body div.warn { background: #352812 !important; color: #f4d08b !important; }
  .m-body div.bad { background: #3a1a1c !important; color: #f7b4b4 !important; }
  .m-body div strong, .m-body div p { color: inherit !important; }
  .m-foot, .m-foot p { color: #9096a4 !important; }
  .m-foot a { color: #b3b8c4 !important; }
}
</style>
<!--[if mso]><style>* { font-family: "Segoe UI", Arial, sans-serif !important; }</style><![endif]-->`;

const sans = "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif";

const brand = `{% if brand.logo != "" %}<img src="{{ brand.logo }}" alt="" height="30" style="height:30px;width:auto;max-width:140px;vertical-align:middle;border:0;margin:0 10px 0 0">{% else %}<span class="no-text" aria-hidden="true" style="display:inline-block;width:30px;height:30px;margin:0 10px 0 0;border-radius:8px;background:{{ brand.strong }};color:#ffffff;font-size:16px;line-height:30px;font-weight:700;text-align:center;vertical-align:middle">{{ brand.name | slice: 0 | upcase }}</span>{% endif %}<span class="m-brand" style="font-size:16px;line-height:30px;font-weight:700;color:#16181d;vertical-align:middle">{{ brand.name }}</span>`;

/** The frame in one language. */
export const layoutIn = (language: string): string => `<!doctype html>
<html lang="${language}" dir="ltr">
<head>
${head}
</head>
<body class="m-page" style="margin:0;padding:0;background:#f3f4f6;-webkit-text-size-adjust:100%;text-size-adjust:100%">
<table role="presentation" class="m-page" width="100%" cellpadding="0" cellspacing="0" border="0" style="width:100%;background:#f3f4f6">
<tr><td align="center" style="padding:0 12px">
<!--[if mso]><table role="presentation" width="576" align="center" cellpadding="0" cellspacing="0"><tr><td><![endif]-->
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="width:100%;max-width:576px;table-layout:fixed;font-family:${sans}">
<tr><td class="m-head no-text" style="padding:32px 8px 20px;text-align:left"><div class="no-text" role="banner">${brand}</div></td></tr>
<tr><td class="m-card" style="padding:40px 40px 24px;background:#ffffff;border:1px solid #e3e5ea;border-radius:14px;text-align:left">
<div class="m-body" role="main" style="font-size:16px;line-height:1.6;color:#33363f;overflow-wrap:anywhere;word-break:break-word">
{{ content | raw }}
</div>
</td></tr>
<tr><td class="m-foot" style="padding:22px 8px 40px;text-align:left;font-size:13px;line-height:1.55;color:#626775">
<div role="contentinfo">
{% render 'footer' %}
</div>
</td></tr>
</table>
<!--[if mso]></td></tr></table><![endif]-->
</td></tr>
</table>
</body>
</html>
`;
