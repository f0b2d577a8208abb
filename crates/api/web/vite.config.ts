import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// The API of a running stack, for `npm run dev`; the address that `make up` prints.
const site = process.env.SITE_URL ?? 'http://127.0.0.1:4568';

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2022',
    // A data: address would need a wider Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // hls.js, which is only loaded to play.
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { '/api': { target: site, changeOrigin: true } } },
  test: { include: ['src/**/*.test.ts'] },
});
