import { useId, useRef, useState } from 'react';
import { Link } from 'wouter';
import { useApp, useUploads } from '../app-context';
import { sentence } from '../api/problem';
import { bytes, timeLeft } from '../ui/format';
import { CheckIcon, CloseIcon, DownIcon, PauseIcon, ResumeIcon, RetryIcon, UpIcon } from '../ui/icons';
import { Notice } from '../ui/notice';
import type { Upload } from './upload';

/** The uploads, in a corner of every page. */
export function UploadPanel() {
  const uploads = useUploads();
  const heading = useId();
  const list = useId();
  const [isOpen, setIsOpen] = useState(true);
  if (uploads.length === 0) return null;
  return (
    <section className="uploads" aria-labelledby={heading}>
      <header>
        <h2 id={heading}>Uploads</h2>
        <span className="muted">{summary(uploads)}</span>
        <button
          type="button"
          className="icon-button plain"
          aria-expanded={isOpen}
          aria-controls={list}
          onClick={() => setIsOpen(!isOpen)}
        >
          {isOpen ? <DownIcon /> : <UpIcon />}
          <span className="visually-hidden">{isOpen ? 'Hide' : 'Show'} the uploads</span>
        </button>
      </header>
      <ul id={list} hidden={!isOpen}>
        {uploads.map((upload) => (
          <UploadRow key={upload.id} upload={upload} />
        ))}
      </ul>
    </section>
  );
}

function summary(uploads: readonly Upload[]): string {
  const going = uploads.filter(({ state }) => state === 'sending' || state === 'waiting');
  if (going.length === 0) return '';
  const [sent, size] = [sum(going, 'sent'), sum(going, 'size')];
  const files = going.length === 1 ? '1 file' : `${going.length} files`;
  return size > 0 ? `${files} · ${Math.floor((100 * sent) / size)} %` : files;
}

function sum(uploads: readonly Upload[], key: 'sent' | 'size'): number {
  return uploads.reduce((total, upload) => total + upload[key], 0);
}

function UploadRow({ upload }: { upload: Upload }) {
  const { uploads } = useApp();
  const [error, setError] = useState<string | null>(null);
  const { id, name, state } = upload;
  const percent = upload.size > 0 ? Math.floor((100 * upload.sent) / upload.size) : 0;
  const isOver = state === 'done' || state === 'refused';
  const cancel = () => void uploads.cancel(id).catch((error: unknown) => setError(sentence(error)));
  return (
    <li className={`upload is-${state}`}>
      <div className="upload-facts">
        <span className="upload-name">{name}</span>
        <span className="muted">{facts(upload)}</span>
      </div>
      {state !== 'refused' && (
        <progress aria-label={`Upload of ${name}`} value={state === 'done' ? 100 : percent} max={100} />
      )}
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
        {state === 'interrupted' && <ChooseAgain name={name} />}
        {state === 'done' && upload.videoId && <Link href={`/videos/${upload.videoId}`}>Open</Link>}
        <button type="button" className="icon-button" onClick={isOver ? () => uploads.dismiss(id) : cancel}>
          {state === 'done' ? <CheckIcon /> : <CloseIcon />}
          <span className="visually-hidden">
            {isOver ? 'Dismiss' : 'Cancel'} {name}
          </span>
        </button>
      </div>
      {(upload.problem ?? error) && <Notice error={upload.problem ?? error} />}
    </li>
  );
}

/** Goes on with a file that the browser has let go of. */
function ChooseAgain({ name }: { name: string }) {
  const { uploads } = useApp();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" className="icon-button" onClick={() => input.current?.click()}>
        <ResumeIcon />
        <span className="visually-hidden">Choose {name} again</span>
      </button>
      <input ref={input} type="file" hidden onChange={(event) => uploads.add(event.target.files ?? [])} />
    </>
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
    case 'interrupted':
      return `Interrupted at ${amount}. Choose the file again to go on.`;
    case 'refused':
      return '';
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
  const words: Partial<Record<Upload['state'], string>> = {
    paused: 'paused',
    failed: 'stopped',
    done: 'sent',
  };
  return (
    <span className="visually-hidden" role="status">
      {words[state] && `${name} ${words[state]}`}
    </span>
  );
}
