import fc from "fast-check";
import { expect, it } from "vitest";
import { agentOf } from "./browser.ts";

const webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";
const mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)";
const windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)";

it.each([
  [`${windows} ${webkit} Chrome/126.0.0.0 Safari/537.36`, "Chrome 126", "Windows 10+"],
  [`${windows} ${webkit} Chrome/126.0.0.0 Safari/537.36 Edg/126.0.2592.68`, "Edge 126", "Windows 10+"],
  [`${windows} ${webkit} Chrome/126.0.0.0 Safari/537.36 OPR/111.0.0.0`, "Opera 111", "Windows 10+"],
  [`Mozilla/5.0 (Windows NT 6.1; Win64; x64) ${webkit} Chrome/109.0.0.0 Safari/537.36`, "Chrome 109", "Windows 7"],
  ["Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko", "Internet Explorer 11", "Windows 10+"],
  [`${mac} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15`, "Safari 17", "macOS"],
  ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:124.0) Gecko/20100101 Firefox/124.0", "Firefox 124", "macOS"],
  ["Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:102.0) Gecko/20100101 Firefox/102.0", "Firefox 102", "Linux"],
  [`Mozilla/5.0 (Linux; Android 10; K) ${webkit} Chrome/126.0.0.0 Mobile Safari/537.36`, "Chrome 126", "Android"],
  [
    `Mozilla/5.0 (Linux; Android 14; SM-S918B) ${webkit} SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36`,
    "Samsung Internet 25",
    "Android 14",
  ],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
    "Safari 17",
    "iOS 17",
  ],
  [`Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${webkit} Chrome/126.0.0.0 Safari/537.36`, "Chrome 126", "ChromeOS"],
  [
    `Mozilla/5.0 (X11; Linux x86_64) ${webkit} HeadlessChrome/126.0.0.0 Safari/537.36`,
    "Headless Chrome 126.0",
    "Linux",
  ],
  ["Mozilla/5.0 (Windows NT 10.0; rv:109.0) Gecko/20100101 Thunderbird/115.0", "Thunderbird 115.0", "Windows"],
  ["Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Googlebot 2.1", undefined],
  ["Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)", "UptimeRobot 2.0", undefined],
])("names the browser and the system of %s", (userAgent, browser, os) => {
  expect(agentOf(userAgent)).toEqual({ ...(browser && { browser }), ...(os && { os }) });
});

it.each([
  ["curl/8.5.0", "curl 8.5", undefined],
  ["Wget/1.21.4", "Wget 1.21", undefined],
  ["python-requests/2.31.0", "python-requests 2.31", undefined],
  ["Python-httplib2/0.8 (gzip)", "Python-httplib2 0.8", undefined],
  ["Go-http-client/2.0", "Go-http-client 2.0", undefined],
  ["okhttp/4.12.0", "okhttp 4.12", undefined],
  ["PostmanRuntime/7.37.3", "PostmanRuntime 7.37", undefined],
  ["kubectl/v1.27.1 (linux/amd64) kubernetes/4c94112", "kubectl 1.27", "Linux"],
  ["aws-cli/2.13.0 Python/3.11.4 Linux/5.10.0-1234-aws exe/x86_64.ubuntu.22", "aws-cli 2.13", "Linux"],
  ["aws-cli/2.15.59 md/awscrt#0.19.19 ua/2.0 os/macos#22.6.0 md/arch#arm64", "aws-cli 2.15", "macOS"],
  ["[Boto3/1.26.165 Python/3.10.6 Linux/5.19.0-46-generic Botocore/1.29.165]", "Boto3 1.26", "Linux"],
  ["aws-sdk-go/1.15.12 (go1.12.6; darwin; amd64)", "aws-sdk-go 1.15", "macOS"],
  [
    "APN/1.0 HashiCorp/1.0 Terraform/1.1.2 (+https://www.terraform.io) aws-sdk-go/1.44.157 (go1.19.3; linux; amd64)",
    "Terraform 1.1",
    "Linux",
  ],
  ["stratus-red-team_8b255a24-d33d-4750-bd4b-4007124741df", "stratus-red-team", undefined],
  ["[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.488 Linux/5.4.247]", "S3Console 0.4", "Linux"],
  ["RDS Console, aws-internal/3 aws-sdk-java/1.11.975 Linux/5.10.184", "RDS Console", "Linux"],
  ["AWS Internal", "AWS Internal", undefined],
  ["secretsmanager.amazonaws.com", "secretsmanager.amazonaws.com", undefined],
  ["daybook-sdk/0.1.0 node/24.1.0 linux", "daybook-sdk 0.1", "Linux"],
  ["terraform-provider-panel/dev", "terraform-provider-panel", undefined],
])("names the program of %s", (userAgent, browser, os) => {
  expect(agentOf(userAgent)).toEqual({ ...(browser && { browser }), ...(os && { os }) });
});

it.each([
  "",
  "Mozilla",
  "Mozilla/5.0",
  "68319f60-9dec-43b2-9702-de3a08c9d8a3",
  "() { :;}; echo",
  "unknown",
  "-",
  "{jndi:x}",
])("makes nothing of %j", (userAgent) => {
  expect(agentOf(userAgent)).toEqual({});
});

it("takes any text", () => {
  const unit = fc.constantFrom(
    "Mozilla/5.0 ",
    "(",
    ")",
    "; ",
    "/",
    "1.",
    "Linux",
    "compatible;",
    "bot",
    " ",
    "é",
    "\n",
  );
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 400 }), (parts) => {
      for (const [name, value] of Object.entries(agentOf(parts.join("")))) {
        expect(["browser", "os"]).toContain(name);
        expect(value).not.toBe("");
      }
    }),
  );
});
