import { createContext, use, useSyncExternalStore } from 'react';
import type { PublicConfig, Videos } from './api/videos';
import type { Session, SignedIn, User } from './session/session';
import type { Upload } from './upload/upload';
import type { Uploads } from './upload/uploads';

/** What every part of the page uses. */
export interface App {
  config: PublicConfig;
  user: User;
  videos: Videos;
  uploads: Uploads;
}

export const AppContext = createContext<App | null>(null);

export function useApp(): App {
  const app = use(AppContext);
  if (!app) throw new Error('outside of the app');
  return app;
}

export function useSignedIn(session: Session): SignedIn | null {
  return useSyncExternalStore(session.subscribe, session.snapshot);
}

export function useUploads(): readonly Upload[] {
  const { uploads } = useApp();
  return useSyncExternalStore(uploads.subscribe, uploads.snapshot);
}

/** The upload that this page has of a video. */
export function useUploadOf(videoId: string): Upload | undefined {
  return useUploads().find((upload) => upload.videoId === videoId);
}
