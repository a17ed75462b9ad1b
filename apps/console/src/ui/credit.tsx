import { useQuery } from "@tanstack/react-query";
import { aboutQuery } from "../api/about.ts";

/** Whom the geo data is from: its licence asks that this is said where the data is shown. */
export function Credit() {
  const about = useQuery(aboutQuery);
  return about.data?.credit ? <p className="credit">{about.data.credit}</p> : null;
}
