import { useEffect, useRef, useState, type SubmitEvent } from 'react';
import { SESSION_ENDED, sentence } from '../api/problem';
import type { PublicConfig } from '../api/videos';
import { Notice } from '../ui/notice';
import { useTitle } from '../ui/title';
import { signInAt } from './provider';
import { signIn, type Challenge, type Session } from './session';

interface Props {
  session: Session;
  config: PublicConfig;
}

/** The page of everybody who isn't signed in; the address stays, so signing in goes on where one wanted to be. */
export function SignIn({ session, config }: Props) {
  useTitle('Sign in');
  const provider = config.signIn.kind === 'oidc' ? config.signIn : null;
  const [error, setError] = useState<string | null>(session.hasEnded ? SESSION_ENDED : null);
  return (
    <main className="sign-in">
      <img src="/favicon.svg" alt="" width="56" height="56" />
      <h1>Videos</h1>
      <p className="muted">Upload, follow and watch.</p>
      {provider ? (
        <button
          type="button"
          className="button primary"
          onClick={() => void signInAt(provider).catch((error: unknown) => setError(sentence(error)))}
        >
          Sign in
        </button>
      ) : (
        <PasswordForm session={session} onError={setError} />
      )}
      {error && <Notice error={error} />}
    </main>
  );
}

function PasswordForm({ session, onError }: { session: Session; onError: (error: string | null) => void }) {
  const [busy, setBusy] = useState(false);
  const [username, setUsername] = useState('');
  const [challenge, setChallenge] = useState<Challenge | null>(null);
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), [challenge]);

  const submit = async (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const password = text(form, 'password');
    setBusy(true);
    onError(null);
    try {
      const answer = challenge
        ? await signIn(session, '/api/session/new-password', {
            username: challenge.username,
            session: challenge.session,
            newPassword: password,
          })
        : await signIn(session, '/api/session', { username, password });
      setChallenge(answer);
    } catch (error) {
      onError(sentence(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <form className="form" onSubmit={(event) => void submit(event)} key={challenge ? 'new' : 'known'}>
      {challenge ? (
        <p>Your password was for the first time only. Choose your own.</p>
      ) : (
        <label>
          User name or e-mail address
          <input
            ref={first}
            name="username"
            autoComplete="username"
            required
            maxLength={128}
            value={username}
            onChange={(event) => setUsername(event.target.value)}
          />
        </label>
      )}
      <label>
        {challenge ? 'New password' : 'Password'}
        <input
          ref={challenge ? first : undefined}
          name="password"
          type="password"
          autoComplete={challenge ? 'new-password' : 'current-password'}
          required
          maxLength={256}
        />
      </label>
      <button type="submit" className="button primary" disabled={busy}>
        {busy ? 'Signing in …' : 'Sign in'}
      </button>
    </form>
  );
}

function text(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}
