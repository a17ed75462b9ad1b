import { resolve } from "node:path";
import { parseAddressBlock } from "@daybook/contract";

// How the texts of settings are read. Each throws an Error that says what was expected.

export function text(value: string): string {
  return value;
}

export function path(value: string, base: string): string {
  return resolve(base, value);
}

export function list(value: string): string[] {
  return value
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

export function hosts(value: string): string[] {
  const wrong = list(value).find((item) => /[/\s]/.test(item) && parseAddressBlock(item) === undefined);
  if (wrong !== undefined) throw new Error(`${wrong} is no host, address or block such as 10.1.0.0/16`);
  return list(value);
}

export function whole(least: number, most: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (!Number.isInteger(number) || value.trim() === "" || number < least || number > most)
      throw new Error(`expected a whole number from ${least} to ${most}`);
    return number;
  };
}

export function oneOf<const T extends string>(...values: T[]): (value: string) => T {
  return (value) => {
    const found = values.find((candidate) => candidate === value);
    if (found === undefined) throw new Error(`expected one of ${values.join(", ")}`);
    return found;
  };
}

export function webAddress(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) throw new Error("expected an http(s) address");
  return url.href.replace(/\/$/, "");
}

export function databaseAddress(value: string): string {
  if (!/^postgres(ql)?:\/\//.test(value)) throw new Error("expected postgresql://user:password@host:port/database");
  return value;
}
