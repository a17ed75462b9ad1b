import type { Actor } from "@daybook/contract";
import type { Chance } from "./chance.ts";
import { addressIn, customerNetworks, mobileNetworks, ownNetworks } from "./networks.ts";

/** Somebody with a name: staff or customer. */
export interface Person {
  actor: Actor & { id: string; name: string; email: string };
  /** The address they usually come from. */
  home: string;
  /** And the one on the road. */
  away: string;
  /** User agents of their devices, the usual one first. */
  devices: readonly string[];
}

export interface Customer extends Person {
  trade: "player" | "business" | "developer";
  project: string | undefined;
}

export const domain = "heronfield.example";

/** The staff of Heronfield. The stories name them, so they are written out. */
const staffNames = {
  dana: ["s-1", "Dana Okafor", "Operations"],
  leilani: ["s-2", "Leilani Kahale", "Administration"],
  priya: ["s-3", "Priya Raman", "Platform"],
  farid: ["s-4", "Farid Haddad", "Network"],
  ingrid: ["s-5", "Ingrid Solheim", "Billing"],
  mateus: ["s-6", "Mateus Ribeiro", "Support"],
  tomasz: ["s-7", "Tomasz Wrona", "Support"],
  yuki: ["s-8", "Yuki Tanabe", "Support"],
} as const;

export type StaffName = keyof typeof staffNames;
export type Staff = Record<StaffName, Person>;

const first =
  "Ama Arjun Astrid Bao Beatriz Bram Camille Chidi Daan Elif Emeka Esther Fatima Felipe Freya Gita Goran Hana Hugo Ines Isaac Jonas Joy Kaito Karin Kofi Lars Leyla Linh Lotte Lucia Malik Marek Marta Mei Milan Mina Nadia Niko Nora Olu Omar Paula Piotr Quentin Rosa Ruben Sanne Sara Sefa Simone Sofia Sven Tariq Thandi Tiago Uma Viktor Wanda Yara Zoe Zofia".split(
    " ",
  );
const last =
  "Abebe Adeyemi Andersson Bakker Bauer Benali Boateng Castellanos Chaudhry Costa Demir Dubois Eriksen Ferrari Fischer Gomez Haas Hassan Horvat Ibrahim Ito Jansen Johansson Kaya Kim Kowalczyk Kuznets Lefevre Lindqvist Lopes Mbeki Mensah Meyer Moreau Nakamura Ndlovu Nguyen Novak Nowicki Oduya Okonkwo Olsen Ortega Owusu Park Petrov Quist Rahman Reyes Rossi Sato Schulz Silva Singh Suzuki Tran Varga Verhoeven Wagner Weber Yilmaz Zielinska".split(
    " ",
  );
const companies =
  "saltmarsh bluefern tidepool-games oxbow hazelwick pinecrate northgull lanternfish mossbank quartzline brackenly harbourlamp fjordpixel copperkite willowrack duneforge".split(
    " ",
  );

/** Current user agents, the ones that people have most first. */
export const devices = [
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
  "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
] as const;
const phones = [devices[3], devices[4]];

/** Customers that the stories name: they do nothing else, so that what is said about them can be counted. */
const namedCustomers = {
  /** Her account is broken into. */
  wren: ["u-2001", "Wren Castellanos", "wren@lanternfish.example", "business"],
  /** Owner of the servers that are deleted by mistake. */
  halcyon: ["u-2002", "Idris Halloran", "idris@halcyonpixel.example", "business"],
  /** Forgets to pay. */
  noor: ["u-2003", "Noor el-Amin", "noor@saltmarsh.example", "player"],
  /** Asks to be deleted. */
  piet: ["u-2004", "Piet Vandermolen", "piet@oxbow.example", "player"],
  /** Tries what he may not. */
  jonas: ["u-2005", "Jonas Weber", "jonas@duneforge.example", "player"],
  /** Signs in from two ends of the world. */
  ama: ["u-2006", "Ama Boateng", "ama@northgull.example", "developer"],
  /** Changes his password. */
  kaito: ["u-2007", "Kaito Ishikawa", "kaito@copperkite.example", "player"],
} as const;

export type CustomerName = keyof typeof namedCustomers;
export type NamedCustomers = Record<CustomerName, Customer>;

export function makeStaff(): Staff {
  const office = ownNetworks[0];
  const entries = Object.entries(staffNames).map(([key, [id, name]], i) => {
    const email = `${key}@${domain}`;
    const person: Person = {
      actor: { type: "staff", id, name, email },
      home: addressIn(office, i),
      away: addressIn(customerNetworks[0], i),
      devices: [devices[(i * 3) % devices.length] ?? devices[0], phones[i % 2] ?? devices[3]],
    };
    return [key, person];
  });
  return Object.fromEntries(entries) as Staff;
}

export function makeNamedCustomers(): NamedCustomers {
  const homes: Record<CustomerName, string> = {
    wren: addressIn(customerNetworks[2], 20),
    halcyon: addressIn(customerNetworks[3], 20),
    noor: addressIn(customerNetworks[0], 20),
    piet: addressIn(customerNetworks[0], 21),
    jonas: addressIn(customerNetworks[1], 20),
    ama: addressIn(customerNetworks[2], 21),
    kaito: addressIn(customerNetworks[10], 13),
  };
  const entries = Object.entries(namedCustomers).map(([key, [id, name, email, trade]], i) => {
    const customer: Customer = {
      actor: { type: "user", id, name, email },
      home: homes[key as CustomerName],
      away: addressIn(mobileNetworks[2], i),
      devices: [devices[i % devices.length] ?? devices[0], phones[i % 2] ?? devices[3]],
      trade,
      project: trade === "player" ? undefined : `p-${200 + i}`,
    };
    return [key, customer];
  });
  return Object.fromEntries(entries) as NamedCustomers;
}

/** So many customers; no two have the same name or address of mail. */
export function makeCustomers(count: number, chance: Chance): Customer[] {
  const names = new Set<string>();
  while (names.size < count) names.add(`${chance.pick(first)} ${chance.pick(last)}`);
  return [...names].map((name, i) => {
    const trade = chance.weighted([
      ["player", 60],
      ["business", 25],
      ["developer", 15],
    ] as const);
    const network = customerNetworks[i % customerNetworks.length] ?? customerNetworks[0];
    const company = companies[i % companies.length];
    return {
      actor: {
        type: "user",
        id: `u-${1001 + i}`,
        name,
        email: `${name.toLowerCase().replace(" ", ".")}@${company}.example`,
      },
      home: addressIn(network, Math.floor(i / customerNetworks.length)),
      away: addressIn(chance.pick(mobileNetworks), i),
      devices: [chance.weighted(devices.map((device, rank) => [device, 9 - rank] as const)), chance.pick(phones)],
      trade,
      project: trade === "player" ? undefined : `p-${10 + Math.floor(i / 3)}`,
    };
  });
}
