import type { OriginHop, OriginTest } from "@daybook/contract";
import { useQuery } from "@tanstack/react-query";
import { testOrigin } from "../../api/settings.ts";
import { Failure, Skeleton } from "../../ui/states.tsx";

/** The live test of the trusted proxies: where this page's own request came from. */
export function OriginTestSection({ workspace }: { workspace: string }) {
  const test = useQuery({ queryKey: ["origin-test", workspace], staleTime: 0, queryFn: () => testOrigin(workspace) });
  return (
    <section aria-labelledby="origin-test">
      <h2 id="origin-test">Where requests come from</h2>
      <p>
        Behind a proxy, the address of a client is in a header that anybody can write. It is believed only from the
        trusted proxies, which the installation names.
      </p>
      {test.isPending ? <Skeleton lines={4} label="Testing where this request came from" /> : null}
      {test.isError ? <Failure error={test.error} retry={() => void test.refetch()} /> : null}
      {test.data ? <Told test={test.data} /> : null}
      {test.data ? (
        <button type="button" className="btn gap" disabled={test.isFetching} onClick={() => void test.refetch()}>
          Test again
        </button>
      ) : null}
    </section>
  );
}

function Told({ test }: { test: OriginTest }) {
  const headers = Object.entries(test.headers);
  return (
    <div className="origin-told">
      <p role="status">
        <b>{test.sentence}</b> {test.why}
      </p>
      {test.advice ? <p className="notice">{test.advice}</p> : null}
      <dl>
        <div>
          <dt>Trusted proxies</dt>
          <dd>{test.trustedProxies.length === 0 ? "none" : <code>{test.trustedProxies.join(", ")}</code>}</dd>
        </div>
        <div>
          <dt>Headers received</dt>
          <dd>
            {headers.length === 0
              ? "no forwarding header"
              : headers.map(([name, value]) => (
                  <code key={name}>
                    {name}: {value}
                  </code>
                ))}
          </dd>
        </div>
      </dl>
      <ol className="list hops" aria-label="The way of this request, nearest to the server first">
        {test.hops.map((hop, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an address may stand on the way twice
          <li key={place} data-read={hop.read}>
            <code>{hop.ip ?? hop.text}</code>
            <span className="soft">{hop.from === "connection" ? "the connection" : hop.from}</span>
            <span className="end">{verdictOf(hop, test.clientIp)}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}

function verdictOf(hop: OriginHop, client: string): string {
  if (!hop.read) return "not read";
  if (hop.ip === null) return "no address";
  if (hop.ip === client) return hop.trusted ? "trusted proxy, taken for the client" : "the client";
  return "trusted proxy";
}
