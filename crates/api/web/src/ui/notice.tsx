import type { ReactNode } from 'react';
import { sentence } from '../api/problem';
import { RetryIcon, WarningIcon } from './icons';

interface Props {
  error: unknown;
  onRetry?: () => void;
  children?: ReactNode;
}

/** What went wrong, and what can be done about it. */
export function Notice({ error, onRetry, children }: Props) {
  return (
    <div className="notice" role="alert">
      <WarningIcon />
      <p>{typeof error === 'string' ? error : sentence(error)}</p>
      {children}
      {onRetry && (
        <button type="button" className="button" onClick={onRetry}>
          <RetryIcon /> Try again
        </button>
      )}
    </div>
  );
}
