import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Where the API is while the console is developed with `npm run dev`. */
const api = process.env.DAYBOOK_API ?? "http://127.0.0.1:4600";

export default defineConfig({
  plugins: [react()],
  server: { proxy: { "/api": api, "/readyz": api, "/docs": api, "/mail-frame": api } },
  build: {
    target: "es2023",
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
});
