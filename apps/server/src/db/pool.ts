import pg from "pg";

/** A pool of connections with the role `daybook_app`: it may read and append to the log, never change or delete. */
export type Db = pg.Pool;

export interface PoolOptions {
  connections: number;
  /** Shown in pg_stat_activity. */
  name: string;
  /** The role to take on every connection; left out, the user of the address. */
  role?: string;
}

export const appRole = "daybook_app";

const INT8 = 20;
const DATE = 1082;

/**
 * How values come back: `bigint` as number (seq and counts stay far below 2^53), `date` as "YYYY-MM-DD" (pg would make
 * a Date at local midnight), everything else as pg does (`timestamptz` is a Date, `numeric` a string).
 */
const typeParsers: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: "text" | "binary") => {
    if (format !== "binary" && oid === INT8) return Number;
    if (format !== "binary" && oid === DATE) return String;
    return pg.types.getTypeParser(oid, format as "text");
  }) as pg.CustomTypesConfig["getTypeParser"],
};

/** Opens a pool on `url`. Nothing connects until the first query. A broken idle connection is dropped, never thrown. */
export function openPool(url: string, options: PoolOptions): Db {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.connections,
    application_name: options.name,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 60_000,
    types: typeParsers,
    ...(options.role === undefined ? {} : { options: `-c role=${options.role}` }),
  });
  // Without a listener, a connection that breaks would end the process: while it is idle (the pool's event) and while
  // it is lent out (the client's). The query under way is rejected all the same, and that is where it is handled.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}

/** The two pools every process has: `db` for requests (role daybook_app), `ownerDb` for DDL and maintenance. */
export function openPools(url: string, connections: number): { db: Db; ownerDb: Db } {
  return {
    db: openPool(url, { connections, name: "daybook", role: appRole }),
    ownerDb: openPool(url, { connections: 4, name: "daybook owner" }),
  };
}
