import { resolve } from "node:path";
import { parseAddressBlock } from "@daybook/contract";

// How the texts of settings are read. Each throws an Error that says what was expected.

/** Any text. */
export function text(value: string): string {
  return value;
}

/** A path; a relative one starts from `base`. */
export function path(value: string, base: string): string {
  return resolve(base, value);
}

/** Texts with commas between them. */
export function list(value: string): string[] {
  return value
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

/** Names of hosts, addresses and CIDR blocks, with commas. */
export function hosts(value: string): string[] {
  const wrong = list(value).find((item) => /[/\s]/.test(item) && parseAddressBlock(item) === undefined);
  if (wrong !== undefined) throw new Error(`${wrong} is no host, address or block such as 10.1.0.0/16`);
  return list(value);
}

/** A whole number within bounds, both included. */
export function whole(least: number, most: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (!Number.isInteger(number) || value.trim() === "" || number < least || number > most)
      throw new Error(`expected a whole number from ${least} to ${most}`);
    return number;
  };
}

/** One of these words. */
export function oneOf<const T extends string>(...values: T[]): (value: string) => T {
  return (value) => {
    const found = values.find((candidate) => candidate === value);
    if (found === undefined) throw new Error(`expected one of ${values.join(", ")}`);
    return found;
  };
}

/** An http(s) address, without a slash at its end. */
export function webAddress(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) throw new Error("expected an http(s) address");
  return url.href.replace(/\/$/, "");
}

/** The address of a PostgreSQL. */
export function databaseAddress(value: string): string {
  if (!/^postgres(ql)?:\/\//.test(value)) throw new Error("expected postgresql://user:password@host:port/database");
  return value;
}
