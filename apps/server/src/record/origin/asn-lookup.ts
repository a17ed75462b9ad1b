import { createHash } from "node:crypto";
import { ipv4Number, ipv6Words } from "./address.ts";
import { PACK_DIGEST_BYTES, PACK_HEADER_WORDS, PACK_MAGIC, PACK_VERSION } from "./asn-pack.ts";

export interface Network {
  asn: number;
  /** The name of the autonomous system; absent when the source has none. */
  network?: string;
}

/** Finds the network of an address in a packed file (see packAsn), which is searched in place: no object per range. */
export class AsnLookup {
  /** The version of the sources that the file was packed from. */
  readonly stamp: string;
  readonly #v4Starts: Uint32Array;
  readonly #v4Networks: Uint32Array;
  readonly #v6Starts: Uint32Array;
  readonly #v6Networks: Uint32Array;
  readonly #asns: Uint32Array;
  readonly #nameOffsets: Uint32Array;
  readonly #names: Buffer;

  /** Throws Error saying what is wrong when the file is not a whole pack of this version. */
  constructor(file: Buffer) {
    const aligned = file.byteOffset % 4 === 0 ? file : Buffer.from(Uint8Array.from(file).buffer);
    if (aligned.length < PACK_HEADER_WORDS * 4 + PACK_DIGEST_BYTES) throw new Error("the file is too short");
    let offset = 0;
    const take = (words: number) => {
      const section = new Uint32Array(aligned.buffer, aligned.byteOffset + offset, words);
      offset += words * 4;
      return section;
    };
    const [magic, version, v4 = 0, v6 = 0, networks = 0, nameBytes = 0, stampBytes = 0] = take(PACK_HEADER_WORDS);
    if (magic !== PACK_MAGIC || version !== PACK_VERSION) throw new Error("the file has another format");
    const body = aligned.subarray(0, -PACK_DIGEST_BYTES);
    const digest = createHash("sha256").update(body).digest();
    if (!digest.equals(aligned.subarray(-PACK_DIGEST_BYTES))) throw new Error("the file is damaged");
    this.#v4Starts = take(v4);
    this.#v4Networks = take(v4);
    this.#v6Starts = take(v6 * 4);
    this.#v6Networks = take(v6);
    this.#asns = take(networks);
    this.#nameOffsets = take(networks + 1);
    this.#names = aligned.subarray(offset, offset + nameBytes);
    this.stamp = aligned.toString("utf8", offset + nameBytes, offset + nameBytes + stampBytes);
  }

  /** The network of an address in the form of normaliseIp, or undefined when none announces it. */
  find(ip: string): Network | undefined {
    const index = ip.includes(":") ? this.#findV6(ip) : this.#findV4(ipv4Number(ip));
    if (index === 0) return undefined;
    const asn = this.#asns[index] ?? 0;
    const network = this.#names.toString("utf8", this.#nameOffsets[index], this.#nameOffsets[index + 1]);
    return network === "" ? { asn } : { asn, network };
  }

  /** Ranges and networks held. */
  get counts(): { ranges: number; networks: number } {
    return { ranges: this.#v4Networks.length + this.#v6Networks.length, networks: this.#asns.length - 1 };
  }

  #findV4(address: number): number {
    let low = 0;
    let high = this.#v4Starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#v4Starts[middle] ?? 0) <= address) low = middle + 1;
      else high = middle;
    }
    return this.#v4Networks[low - 1] ?? 0;
  }

  #findV6(ip: string): number {
    const words16 = ipv6Words(ip);
    const address = [0, 2, 4, 6].map((i) => (words16[i] ?? 0) * 65_536 + (words16[i + 1] ?? 0));
    let low = 0;
    let high = this.#v6Networks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#startsAtOrBefore(middle, address)) low = middle + 1;
      else high = middle;
    }
    return this.#v6Networks[low - 1] ?? 0;
  }

  #startsAtOrBefore(range: number, address: readonly number[]): boolean {
    for (let i = 0; i < 4; i++) {
      const start = this.#v6Starts[range * 4 + i] ?? 0;
      const word = address[i] ?? 0;
      if (start !== word) return start < word;
    }
    return true;
  }
}
