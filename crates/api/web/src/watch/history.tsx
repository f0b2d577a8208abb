import type { Video } from '../api/videos';
import { clock, dateTime, span } from '../ui/format';

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
export function History({ video: { history } }: { video: Video }) {
  if (history.length === 0) return null;
  const jobId = history.findLast((entry) => entry.jobId !== undefined)?.jobId;
  return (
    <section className="panel" aria-label="History">
      <h2>History</h2>
      <ol className="history">
        {history.map((entry, index) => (
          <li key={`${entry.at}${entry.status}`} className={`is-${entry.status.toLowerCase()}`}>
            <span>{WORDS[entry.status]}</span>
            <span className="muted">
              <time dateTime={entry.at} title={dateTime(entry.at)}>
                {clock(entry.at)}
              </time>
              {after(history[index - 1], entry)}
            </span>
          </li>
        ))}
      </ol>
      {jobId !== undefined && (
        <p className="muted">
          Job <code>{jobId}</code>
        </p>
      )}
    </section>
  );
}

function after(before: Entry | undefined, entry: Entry): string {
  return before ? `, after ${span(Date.parse(entry.at) - Date.parse(before.at))}` : '';
}
