import { mailLimits } from "@daybook/contract";
import { afterAll, expect, test } from "vitest";
import { RenderPool, RenderStopped } from "./render-pool.ts";

const brand = {
  name: "Acme",
  accent: "#4f46e5",
  strong: "#4f46e5",
  dark: "#9697fa",
  logo: "",
  url: "",
  timeZone: "UTC",
};
const pool = new RenderPool(2);
afterAll(() => pool.close());

interface Draft {
  html?: string;
  subject?: string;
  text?: string;
  partials?: Record<string, string>;
}

function render({ html = "", subject = "x", text, partials = {} }: Draft, data: object = {}) {
  const source = { subject, html, text: text ?? null, layout: null, partials, locale: "en", timeZone: "UTC" };
  return pool.render({ key: "", source, brand, data });
}

/** How a template ends that must not come through: by Liquid's own watch, or with its thread. */
async function faultOf(draft: Draft, data: object = {}): Promise<string> {
  try {
    const reply = await render(draft, data);
    return "fault" in reply ? reply.fault.code : `rendered ${reply.html.length} characters`;
  } catch (error) {
    if (error instanceof RenderStopped) return error.fault.code;
    throw error;
  }
}

const script = `<script>alert("1")</script>`;
const safe = "&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt;";

test.each([
  "{{ value }}",
  "{% echo value %}",
  "{% liquid echo value %}",
  "{{ value | append: '' }}",
  "{{ list | join: '' }}",
  "{{ list | first }}",
  "{{ missing | default: value }}",
  "{% for each in list %}{{ each }}{% endfor %}",
  "{% assign copy = value %}{{ copy }}",
  "{% render 'part', value: value %}",
  "{% render 'part' with value as value %}",
  "{% tablerow each in list %}{{ each }}{% endtablerow %}",
  '<a title="{{ value }}">x</a>',
])("a value cannot become HTML by %s", async (html) => {
  const reply = await render({ html, partials: { part: "{{ value }}" } }, { value: script, list: [script] });
  expect(reply).toMatchObject({ html: expect.stringContaining(safe) });
  expect((reply as { html: string }).html).not.toContain("<script");
});

test("what is captured is escaped at least once, and the text part has values as they are", async () => {
  const html = "{% capture all %}{{ value }}{% endcapture %}{{ all }}";
  const reply = await render({ html, text: "{{ value }}", subject: "{{ value }}" }, { value: script });
  expect(reply).toMatchObject({ html: expect.not.stringContaining("<script"), text: script, subject: script });
});

test.each([
  "{{ user.constructor }}",
  "{{ user.constructor.constructor }}",
  "{{ user.__proto__ }}",
  "{{ user['__proto__'] }}",
  "{{ user[key] }}",
  "{{ user.toString }}",
  "{{ user.name.constructor }}",
  "{{ list.constructor }}",
  "{{ brand.constructor.name }}",
  "{{ constructor }}",
  "{{ process }}{{ process.env }}",
  "{{ globalThis }}{{ global }}{{ require }}{{ module }}",
  "{{ list | map: 'constructor' }}",
  "{{ list | where: 'constructor' | size | minus: 0 | replace: '0', '' }}",
])("nothing but the data can be reached by %s", async (html) => {
  expect(await render({ html }, { user: { name: "Dana" }, list: [{}], key: "constructor" })).toMatchObject({
    html: "",
  });
});

test.each([
  ["{% render '/etc/passwd' %}", "unknown_partial"],
  ["{% render '../../../../../../etc/passwd' %}", "unknown_partial"],
  ["{% render file %}", "unknown_partial"],
  ["{% include '/etc/passwd' %}", "syntax"],
  ["{% layout '/etc/passwd' %}", "syntax"],
  ["{% block x %}{% endblock %}", "syntax"],
])("no file is read by %s", async (html, code) => {
  expect(await faultOf({ html }, { file: "/etc/passwd" })).toBe(code);
});

const loop = (times: number, body: string) => `{% for a in (1..${times}) %}${body}{% endfor %}`;

test.each([
  ["a loop in a loop", loop(90_000, loop(90_000, ""))],
  ["a loop over more than there is memory for", loop(1_000_000_000, "")],
  ["a text that doubles", `{% assign s = "xxxxxxxx" %}${loop(60, "{% assign s = s | append: s %}")}{{ s }}`],
  [
    "a text that doubles by being captured",
    `{% assign s = "xxxxxxxx" %}${loop(60, "{% capture s %}{{ s }}{{ s }}{% endcapture %}")}`,
  ],
  ["a list that doubles", `{% assign s = "a,b,c,d" | split: "," %}${loop(60, "{% assign s = s | concat: s %}")}`],
  ["a partial that renders itself", "{% render 'self' %}"],
  ["output without an end", loop(3_000, loop(1_000, "some output that is not short at all "))],
  ["padding", `{{ "x" | truncate: 900000000 }}{% assign s = "x" %}${loop(2_000_000, "{{ s }}")}`],
  ["a long date", `{{ "now" | date: "%900000000d" }}`],
  ["a huge number of partials", loop(100_000, "{% render 'part' %}")],
])("%s is stopped, and the next mail is rendered", async (_, html) => {
  const partials = { self: "{% render 'self' %}", part: loop(1_000, "x") };
  expect(["too_slow", "too_large"]).toContain(await faultOf({ html, partials }));
  expect(await render({ html: "<p>{{ a }}</p>" }, { a: 1 })).toMatchObject({ html: "<p>1</p>" });
});

test("a template that is stopped does not take along those that wait behind it", async () => {
  const slow = loop(2_000, loop(2_000, loop(2_000, "")));
  const all = [slow, slow, slow, "good"].map((html) => faultOf({ html }));
  expect((await Promise.all(all)).at(-1)).toBe("rendered 4 characters");
});

test("what is rendered has an end", async () => {
  const value = "x".repeat(mailLimits.renderBytesMax / 4);
  expect(await faultOf({ html: "{{ v }}{{ v }}{{ v }}{{ v }}{{ v }}" }, { v: value })).toBe("too_large");
});

test.each([
  "javascript:alert(1)",
  "JavaScript:alert(1)",
  " javascript:alert(1)",
  "java\nscript:alert(1)",
  "java\tscript:alert(1)",
  "vbscript:x",
  "data:text/html,<script>alert(1)</script>",
])("a link does not run %j", async (url) => {
  for (const html of ['<a href="{{ url }}">x</a>', "<a href='{{ url }}'>x</a>", "<a href={{ url }}>x</a>"]) {
    const reply = (await render({ html }, { url })) as { html: string };
    expect(reply.html).toMatch(/href=\s*["']?#/);
    expect(reply.html).not.toMatch(/href=["']?\s*(java|vb|data)/i);
  }
});

test("a subject is one line, whatever is in it", async () => {
  const name = "Dana\r\nBcc: everybody@acme.example\u2028x\u0000";
  const reply = await render({ subject: "Hello {{ name }}\n" }, { name });
  expect(reply).toMatchObject({ subject: "Hello Dana Bcc: everybody@acme.example x" });
  const long = (await render({ subject: "{{ name }}" }, { name: "x".repeat(2_000) })) as { subject: string };
  expect(long.subject).toHaveLength(mailLimits.subjectLengthMax);
});

test("the text part is made of the HTML: links in full, lists and tables as lines", async () => {
  const html = `<h1>Hello</h1><p>One &amp; two</p><ul><li>a</li></ul><p><a href="https://acme.example/x">Open</a></p>
<table class="facts"><tr><th>Server</th><td>mc-01</td></tr></table>`;
  expect(await render({ html })).toMatchObject({
    text: "Hello\n\nOne & two\n\n * a\n\nOpen [https://acme.example/x]\n\nServer   mc-01",
  });
});

test("dates are told in the language and zone of the mail", async () => {
  const source = { subject: "x", text: null, layout: null, partials: {}, locale: "de", timeZone: "Europe/Berlin" };
  const html = `{{ at | date: "%-d. %B %Y, %H:%M" }}`;
  const reply = await pool.render({
    key: "",
    source: { ...source, html },
    brand,
    data: { at: "2026-03-04T23:30:00Z" },
  });
  expect(reply).toMatchObject({ html: "5. März 2026, 00:30" });
});
