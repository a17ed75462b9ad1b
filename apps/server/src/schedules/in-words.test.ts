import { expect, test } from "vitest";
import { inWords } from "./in-words.ts";

test.each([
  ["*/2 * * * *", "UTC", "every two minutes"],
  ["* * * * *", "Europe/Berlin", "every minute"],
  ["*/10 * * * * *", "UTC", "every ten seconds"],
  ["*/15 * * * *", "UTC", "every 15 minutes"],
  ["0 * * * *", "Europe/Berlin", "every hour"],
  ["0 2 * * *", "UTC", "daily at 02:00 UTC"],
  ["30 2 * * *", "Europe/Berlin", "daily at 02:30 Europe/Berlin"],
  ["0 2,14 * * *", "UTC", "daily at 02:00 and 14:00 UTC"],
  ["@daily", "UTC", "daily at 00:00 UTC"],
  ["0 22 * * 1", "UTC", "every Monday at 22:00 UTC"],
  ["30 4 * * 1-5", "UTC", "Monday to Friday at 04:30 UTC"],
  ["0 0 1 * *", "UTC", "on day 1 of the month at 00:00 UTC"],
  ["0 0 L * *", "UTC", "on the last day of the month at 00:00 UTC"],
  ["0 */6 * * *", "UTC", "every six hours (UTC)"],
  ["15,45 * * * *", "UTC", "at 15 and 45 minutes past the hour (UTC)"],
  ["@HOURLY", "UTC", "every hour"],
  ["0 0 1W,15W * *", "UTC", "at the times of 0 0 1W,15W * * (UTC)"],
  ["0 9-17 * * *", "Asia/Kathmandu", "every hour, between 09:00 and 17:00 Asia/Kathmandu"],
])("%s in %s is: %s", (cron, timeZone, words) => {
  expect(inWords({ cron, timeZone })).toBe(words);
});
