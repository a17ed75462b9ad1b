import type { Credit } from "@daybook/contract";

export const shippedCountryCredit: Credit = {
  what: "country",
  text: "IP Geolocation by DB-IP (CC BY 4.0)",
  url: "https://db-ip.com",
};

export const shippedNetworkCredit: Credit = {
  what: "network",
  text: "Networks by RouteViews, DB-IP and NRO, merged by ip-location-db (CC BY 4.0)",
  url: "https://github.com/sapics/ip-location-db",
};

/** The credit of an operator's own file, by the kind of database that it says it is. */
export function ownFileCredit(what: Credit["what"], databaseType: string, builtAt: Date): Credit {
  const dated = { what, builtAt: builtAt.toISOString() };
  if (/^(GeoLite2|GeoIP2)/i.test(databaseType)) {
    const product = /^GeoLite2/i.test(databaseType) ? "GeoLite2" : "GeoIP2";
    return { ...dated, text: `${product} data created by MaxMind`, url: "https://www.maxmind.com" };
  }
  if (/^DBIP/i.test(databaseType)) return { ...dated, text: "IP Geolocation by DB-IP", url: "https://db-ip.com" };
  if (/ipinfo/i.test(databaseType)) return { ...dated, text: "IP address data by IPinfo", url: "https://ipinfo.io" };
  return { ...dated, text: `${databaseType} (own file)`, url: "" };
}
