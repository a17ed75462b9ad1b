import type { Network } from "./asn-lookup.ts";

/**
 * The country of a record (ISO 3166-1 alpha-2), in the shapes that are about: GeoLite2/GeoIP2 Country and City and DB-IP
 * (`country.iso_code`), ip-location-db (`country_code`), IPinfo (`country_code` or `country` as text). A record with a
 * registered country alone has none: that says where the network was registered, not where the address is.
 */
export function countryOf(record: unknown): string | undefined {
  const country = member(record, "country");
  const code = member(country, "iso_code") ?? member(record, "country_code") ?? country;
  return typeof code === "string" && /^[A-Za-z]{2}$/.test(code) && code !== "ZZ" ? code.toUpperCase() : undefined;
}

/**
 * The network of a record: GeoLite2 ASN, GeoIP2 ISP, DB-IP and ip-location-db (`autonomous_system_number`,
 * `autonomous_system_organization`), GeoIP2 Enterprise (the same inside `traits`), IPinfo (`asn: "AS64496"`, `as_name` or `name`).
 */
export function networkOf(record: unknown): Network | undefined {
  const holder =
    member(record, "autonomous_system_number") === undefined ? (member(record, "traits") ?? record) : record;
  const asn = asNumber(member(holder, "autonomous_system_number") ?? member(record, "asn"));
  if (asn === undefined) return undefined;
  const name = member(holder, "autonomous_system_organization") ?? member(record, "as_name") ?? member(record, "name");
  return typeof name === "string" && name !== "" ? { asn, network: name } : { asn };
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function asNumber(value: unknown): number | undefined {
  const number = typeof value === "string" ? Number(value.replace(/^AS/i, "")) : value;
  return typeof number === "number" && Number.isInteger(number) && number > 0 ? number : undefined;
}
