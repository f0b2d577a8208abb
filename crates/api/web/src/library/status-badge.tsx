import type { VideoSummary } from '../api/videos';

const WORDS: Record<VideoSummary['status'], string> = {
  UPLOADING: 'Uploading',
  SUBMITTED: 'Waiting',
  PROCESSING: 'Converting',
  READY: 'Ready',
  FAILED: 'Failed',
  CANCELED: 'Canceled',
};

/** Where a video stands. */
export function StatusBadge({ video: { status, progressPercent } }: { video: VideoSummary }) {
  const percent = status === 'PROCESSING' && progressPercent !== undefined ? ` ${progressPercent} %` : '';
  return (
    <span className={`badge is-${status.toLowerCase()}`}>
      {WORDS[status]}
      {percent}
    </span>
  );
}
