import { useId, useState } from 'react';
import { Link } from 'wouter';
import { useApp, useUploads } from '../app-context';
import { sentence } from '../api/problem';
import { bytes, timeLeft } from '../ui/format';
import { CheckIcon, CloseIcon, PauseIcon, ResumeIcon, RetryIcon } from '../ui/icons';
import { Notice } from '../ui/notice';
import type { Upload } from './uploads';

/** The uploads of this page. */
export function UploadPanel() {
  const uploads = useUploads();
  const heading = useId();
  if (uploads.length === 0) return null;
  return (
    <section className="uploads" aria-labelledby={heading}>
      <h2 id={heading}>Uploads</h2>
      <ul>
        {uploads.map((upload) => (
          <UploadRow key={upload.id} upload={upload} />
        ))}
      </ul>
    </section>
  );
}

function UploadRow({ upload }: { upload: Upload }) {
  const { uploads } = useApp();
  const [error, setError] = useState<string | null>(null);
  const { id, name, state } = upload;
  const percent = upload.size > 0 ? Math.floor((100 * upload.sent) / upload.size) : 0;
  const cancel = () => void uploads.cancel(id).catch((error: unknown) => setError(sentence(error)));
  return (
    <li className={`upload is-${state}`}>
      <div className="upload-facts">
        <span className="upload-name">{name}</span>
        <span className="muted">{facts(upload)}</span>
      </div>
      <progress aria-label={`Upload of ${name}`} value={state === 'done' ? 100 : percent} max={100} />
      <Announcement upload={upload} />
      <div className="upload-actions">
        {(state === 'sending' || state === 'paused') && (
          <button type="button" className="icon-button" onClick={() => uploads.pauseOrResume(id)}>
            {state === 'paused' ? <ResumeIcon /> : <PauseIcon />}
            <span className="visually-hidden">
              {state === 'paused' ? 'Resume' : 'Pause'} {name}
            </span>
          </button>
        )}
        {state === 'failed' && (
          <button type="button" className="icon-button" onClick={() => uploads.retry(id)}>
            <RetryIcon />
            <span className="visually-hidden">Retry {name}</span>
          </button>
        )}
        {state === 'done' && upload.videoId && <Link href={`/videos/${upload.videoId}`}>Open</Link>}
        <button
          type="button"
          className="icon-button"
          onClick={state === 'done' ? () => uploads.dismiss(id) : cancel}
        >
          {state === 'done' ? <CheckIcon /> : <CloseIcon />}
          <span className="visually-hidden">
            {state === 'done' ? 'Dismiss' : 'Cancel'} {name}
          </span>
        </button>
      </div>
      {(upload.problem ?? error) && <Notice error={upload.problem ?? error} />}
    </li>
  );
}

function facts({ state, sent, size, speed, secondsLeft, resumed }: Upload): string {
  const amount = `${bytes(sent)} of ${bytes(size)}`;
  switch (state) {
    case 'waiting':
      return 'Waiting …';
    case 'paused':
      return `Paused at ${amount}`;
    case 'failed':
      return `Stopped at ${amount}`;
    case 'done':
      return `${bytes(size)} sent`;
    case 'sending': {
      const parts = [amount, speed > 0 ? `${bytes(speed)}/s` : '', speed > 0 ? timeLeft(secondsLeft) : ''];
      return [...parts, resumed ? 'resumed' : ''].filter(Boolean).join(' · ');
    }
  }
}

/** Says what changed, not every percent: a status is read out when its text is another. */
function Announcement({ upload: { name, state } }: { upload: Upload }) {
  const words = { waiting: '', sending: '', paused: 'paused', failed: 'stopped', done: 'sent' }[state];
  return (
    <span className="visually-hidden" role="status">
      {words && `${name} ${words}`}
    </span>
  );
}
