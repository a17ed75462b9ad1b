import type { ClientBase, ClientConfig, Pool, PoolClient } from "pg";

/**
 * The database as it was at one moment, for many short transactions. The one that holds the moment touches no table: a long
 * transaction with a lock on `event` would let a new partition wait, and every append wait behind that.
 */
export class Snapshot {
  /** The name other connections take it by. */
  readonly name: string;
  readonly #db: Pool;
  readonly #holder: PoolClient;

  private constructor(db: Pool, holder: PoolClient, name: string) {
    this.#db = db;
    this.#holder = holder;
    this.name = name;
  }

  static async take(db: Pool): Promise<Snapshot> {
    const holder = await db.connect();
    try {
      await holder.query("begin isolation level repeatable read read only");
      const { rows } = await holder.query<{ name: string }>("select pg_export_snapshot() as name");
      return new Snapshot(db, holder, rows[0]?.name ?? "");
    } catch (error) {
      holder.release(true);
      throw error;
    }
  }

  /** Runs `work` in a transaction of its own that sees the snapshot. */
  async read<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#db.connect();
    try {
      return await inSnapshot(client, this.name, () => work(client));
    } finally {
      client.release();
    }
  }

  /** Servers may end a transaction that is idle for long. */
  async keepAlive(): Promise<void> {
    await this.#holder.query("select 1");
  }

  async release(): Promise<void> {
    await this.#holder.query("rollback").catch(() => {});
    this.#holder.release();
  }

  /** How to connect, as far as it can be sent to a thread. */
  connection(): ClientConfig {
    const { connectionString, options, application_name } = this.#db.options;
    return {
      ...(connectionString === undefined ? {} : { connectionString }),
      ...(options === undefined ? {} : { options }),
      application_name: `${application_name ?? "daybook"} verify`,
    };
  }
}

/** Runs `work` on a connection, in a transaction that sees the snapshot of that name. */
export async function inSnapshot<T>(client: ClientBase, name: string, work: () => Promise<T>): Promise<T> {
  // SET takes no parameters; the name comes from PostgreSQL and holds digits, letters and hyphens.
  const quoted = `'${name.replaceAll("'", "")}'`;
  await client.query(`begin isolation level repeatable read read only; set transaction snapshot ${quoted}`);
  try {
    return await work();
  } finally {
    await client.query("rollback").catch(() => {});
  }
}
