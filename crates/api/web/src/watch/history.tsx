import type { Video } from '../api/videos';
import { dateTime } from '../ui/format';

type Entry = Video['history'][number];

const WORDS: Record<Entry['status'], string> = {
  UPLOADING: 'Upload began',
  SUBMITTED: 'Job submitted',
  PROCESSING: 'Conversion began',
  READY: 'Ready',
  FAILED: 'Failed',
  CANCELED: 'Canceled',
};

/** How a video got where it is. */
export function History({ video }: { video: Video }) {
  return (
    <section className="panel" aria-label="History">
      <h2>History</h2>
      <ol className="history">
        {video.history.map((entry) => (
          <li key={`${entry.at}${entry.status}`} className={`is-${entry.status.toLowerCase()}`}>
            <span>{WORDS[entry.status]}</span>
            <time className="muted" dateTime={entry.at}>
              {dateTime(entry.at)}
            </time>
            {entry.jobId && <code className="muted">{entry.jobId}</code>}
          </li>
        ))}
      </ol>
    </section>
  );
}
