/** The paths of C2SP tlog-tiles: `tile/<L>/<N>[.p/<W>]` and `tile/entries/<N>[.p/<W>]`. */
import { TILE_WIDTH } from "./proof.ts";

const LEVEL_MAX = 63;

export interface TileAddress {
  /** A tile level, or the entries that belong to the tiles of level 0. */
  level: number | "entries";
  index: number;
  /** Hashes (or entries) asked for, 1 to 256; 256 is a full tile. */
  width: number;
}

/** The path of a tile, without a slash in front: index 1234067 of level 0 is `tile/0/x001/x234/067`. */
export function tilePath({ level, index, width }: TileAddress): string {
  const groups: string[] = [];
  let rest = index;
  do {
    groups.unshift(String(rest % 1000).padStart(3, "0"));
    rest = Math.floor(rest / 1000);
  } while (rest > 0);
  const path = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join("/");
  return `tile/${level}/${path}${width === TILE_WIDTH ? "" : `.p/${width}`}`;
}

/**
 * Reads the part after `tile/`, such as `0/x001/x234/067.p/12` or `entries/000`. Undefined for anything that is not
 * written exactly as the specification says, so that every tile has one address and caches stay small.
 */
export function parseTilePath(path: string): TileAddress | undefined {
  const match = /^(entries|\d{1,2})\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path);
  if (match === null) return undefined;
  const [, levelText = "", indexText = "", widthText] = match;
  const level = levelText === "entries" ? "entries" : Number(levelText);
  const index = Number(indexText.replaceAll(/[x/]/g, ""));
  const width = widthText === undefined ? TILE_WIDTH : Number(widthText);
  if (level !== "entries" && level > LEVEL_MAX) return undefined;
  if (width < 1 || (widthText !== undefined && width >= TILE_WIDTH)) return undefined;
  return tilePath({ level, index, width }) === `tile/${path}` ? { level, index, width } : undefined;
}

/** How many hashes the tile has in a tree of `size` leaves, 0 to 256 (level 0 for `entries`). */
export function widthOf(level: number | "entries", index: number, size: number): number {
  const hashes = Math.floor(size / TILE_WIDTH ** (level === "entries" ? 0 : level));
  return Math.min(TILE_WIDTH, Math.max(0, hashes - index * TILE_WIDTH));
}
