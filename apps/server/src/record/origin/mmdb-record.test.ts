import { expect, it } from "vitest";
import { countryOf, networkOf } from "./mmdb-record.ts";

it.each([
  ["GeoLite2 and DB-IP", { country: { iso_code: "DE", names: { en: "Germany" } } }, "DE"],
  ["ip-location-db", { country_code: "NL" }, "NL"],
  ["IPinfo, free", { country: "SE", country_name: "Sweden", continent: "EU" }, "SE"],
  ["IPinfo Lite", { country: "Sweden", country_code: "SE", asn: "AS64500" }, "SE"],
  ["lower case", { country_code: "fr" }, "FR"],
])("finds the country in a record of %s", (_, record, country) => {
  expect(countryOf(record)).toBe(country);
});

it.each([
  null,
  undefined,
  "DE",
  {},
  { country: {} },
  { country_code: "ZZ" },
  { country_code: "" },
  { country: "Sweden" },
  { registered_country: { iso_code: "US" } },
])("finds no country in %j", (record) => {
  expect(countryOf(record)).toBeUndefined();
});

const organisation = "Polderglas";
it.each([
  ["GeoLite2 ASN", { autonomous_system_number: 64496, autonomous_system_organization: organisation }],
  [
    "GeoIP2 Enterprise",
    { country: {}, traits: { autonomous_system_number: 64496, autonomous_system_organization: organisation } },
  ],
  ["IPinfo Lite", { asn: "AS64496", as_name: organisation, as_domain: "polderglas.example" }],
  ["IPinfo ASN", { asn: "AS64496", name: organisation, domain: "polderglas.example" }],
])("finds the network in a record of %s", (_, record) => {
  expect(networkOf(record)).toEqual({ asn: 64496, network: organisation });
});

it("takes a network without a name, and none without a number", () => {
  expect(networkOf({ autonomous_system_number: 64496 })).toEqual({ asn: 64496 });
  for (const record of [null, {}, { asn: "" }, { asn: "ASx" }, { autonomous_system_number: 0 }, { as_name: "x" }])
    expect(networkOf(record)).toBeUndefined();
});
