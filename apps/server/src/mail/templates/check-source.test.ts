import { expect, test } from "vitest";
import { checkSource } from "./check-source.ts";
import { token } from "./shipped/shipped-template.ts";

const tokens = [
  token("user.name", "Name", "Dana"),
  token("items", "Items", [{ name: "a" }]),
  token("resetUrl", "Link", "https://acme.example", { required: true, secret: true }),
];

function check(html: string, more: Partial<Parameters<typeof checkSource>[0]> = {}) {
  return checkSource({
    ...{ subject: "Hello", html, text: null, partials: { button: "{{ url }}", broken: "a\n{{ x | nope }}" } },
    ...{ tokens, isPartial: false, ...more },
  });
}

const good = "{{ resetUrl }}";

test("a good template has no faults", () => {
  const html = `{{ user.name }} {{ user.name | size }} {% if user %}x{% endif %}
{% for item in items %}{{ item.name }} {{ forloop.index }}{% endfor %} {{ items[0].name }} {{ items.size }}
{% assign a = items | first %}{{ a.name }} {{ brand.name }} {{ locale }} {% render 'button', url: resetUrl %}`;
  expect(check(html)).toEqual([]);
});

test.each([
  [`a\n  {{ user.name`, { code: "syntax", line: 2, column: 3 }],
  [`a\n{% if user %}x`, { code: "syntax", line: 2, column: 1, message: "tag {% if user %} not closed" }],
  [`a {% nope %}`, { code: "syntax", line: 1, column: 3, message: "There is no tag nope" }],
  [`a\n\n{{ user.name | shout }}`, { code: "unknown_filter", line: 3, column: 1, message: "There is no filter shout" }],
  [`a\n {% render 'zz' %}`, { code: "unknown_partial", line: 2, column: 2, message: "There is no partial zz" }],
  [`{% render name %}`, { code: "unknown_partial", line: 1, column: 1 }],
])("an error is told with its place: %j", (html, fault) => {
  expect(check(html, { tokens: tokens.slice(0, 2) })).toMatchObject([{ severity: "error", part: "html", ...fault }]);
});

test("an error in a partial names the partial", () => {
  const [fault] = check(`${good}{% render 'broken' %}`);
  if (fault !== undefined)
    expect(fault).toMatchObject({ message: "In the partial broken, line 2, column 1: There is no filter nope" });
});

test("a token that there is not is told once, with the one that is meant", () => {
  expect(check(`${good}\n {{ user.nam }} {{ user.nam }} {{ wholly.different }}`)).toMatchObject([
    {
      severity: "warning",
      code: "unknown_token",
      line: 2,
      message: "user.nam is none of its tokens; did you mean user.name?",
    },
    { severity: "warning", code: "unknown_token", message: "wholly.different is none of its tokens" },
  ]);
  expect(check(good, { subject: "{{ usr }}", text: "{{ useer.name }}" })).toMatchObject([
    { part: "subject", code: "unknown_token" },
    { part: "text", code: "unknown_token" },
  ]);
});

test("a required token that is not used is told", () => {
  expect(check("nothing")).toMatchObject([
    {
      severity: "warning",
      code: "missing_token",
      message: "resetUrl is required of every message, and the template does not use it",
    },
  ]);
});

test("a partial may be given any token", () => {
  expect(check("{{ anything }} {{ resetUrl }}", { isPartial: true })).toEqual([]);
});

test.each([
  ["<p>x</p>\n <script>alert(1)</script>", 2],
  ['<p onclick="x()">x</p>', 1],
  ['<a href="javascript:x()">x</a>', 1],
  ["<iframe></iframe>", 1],
  ["{{ user.name | raw }}", 1],
])("what no mail program runs, or what lets others write the mail, is told: %s", (html, line) => {
  expect(check(html + good)).toMatchObject([{ severity: "warning", code: "script", line }]);
});

test("raw after escape is no fault", () => {
  expect(check(`${good}{{ user.name | escape | newline_to_br | raw }}`)).toEqual([]);
});
