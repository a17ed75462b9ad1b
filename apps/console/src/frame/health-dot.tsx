import { useQuery } from "@tanstack/react-query";

type Health = "healthy" | "no database" | "unreachable";

/** How often the health is asked for, in milliseconds. */
const HEALTH_EVERY_MS = 20_000;

/** Says whether the server and its database answer. */
export function HealthDot() {
  const health = useQuery({
    queryKey: ["health"],
    refetchInterval: HEALTH_EVERY_MS,
    retry: false,
    queryFn: async ({ signal }): Promise<Health> => {
      try {
        const response = await fetch("/readyz", { signal });
        return response.ok ? "healthy" : "no database";
      } catch {
        return "unreachable";
      }
    },
  });
  const state = health.data ?? "healthy";
  const words = {
    healthy: "Server healthy",
    "no database": "Database does not answer",
    unreachable: "Server does not answer",
  };
  return (
    <span className="health" data-state={state} role="status">
      <span className="dot" aria-hidden="true" />
      <span className="soft">{words[state]}</span>
    </span>
  );
}
