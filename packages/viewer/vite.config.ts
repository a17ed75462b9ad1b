import { defineConfig } from "vite";

/** One ES module for pages of others, and the script of the frame page. Names are plain: the server adds a hash to the address. */
export default defineConfig({
  build: {
    target: "es2023",
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    modulePreload: false,
    rollupOptions: {
      input: { "daybook-activity": "src/daybook-activity.ts", frame: "src/frame.ts" },
      preserveEntrySignatures: "strict",
      output: { entryFileNames: "[name].js", format: "es" },
    },
  },
});
