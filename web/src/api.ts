// SPDX-License-Identifier: Apache-2.0
// One way to ask the program and one form of failure. A 401 anywhere ends the session: the login
// page takes over.
import { signal } from '@preact/signals';

const BASE = '/api/v1/';
const PATIENCE_MS = 10_000; // the program answers from memory; what takes longer is broken

export type Session = 'unknown' | 'in' | 'out';
export const session = signal<Session>('unknown');

/**
 * Why something was not answered: short text, code, place and what to do, as the program said it.
 */
export class ApiError extends Error {
  readonly code: string;
  readonly where: string;
  readonly hint: string;
  readonly status: number;

  constructor(
    status: number,
    body: { code?: string; message?: string; where?: string; hint?: string },
  ) {
    super(body.message ?? `The program answered ${status}`);
    this.status = status;
    this.code = body.code ?? `http_${status}`;
    this.where = body.where ?? '';
    this.hint = body.hint ?? '';
  }
}

async function failure(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  const error = (body as { error?: object } | null)?.error ?? {};
  return new ApiError(response.status, error);
}

async function ask(path: string, options: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(BASE + path, { ...options, signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch {
    throw new ApiError(0, {
      code: 'unreachable',
      message: 'The program does not answer',
      hint: 'Is it still running?',
    });
  }
  if (response.ok) return response;
  if (response.status === 401 && path !== 'login') session.value = 'out';
  throw await failure(response);
}

export async function get<T>(path: string): Promise<T> {
  const response = await ask(path, { headers: { Accept: 'application/json' } });
  return (await response.json()) as T;
}

export async function post(path: string, body: object): Promise<void> {
  await ask(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Trader': '1' },
    body: JSON.stringify(body),
  });
}

export function asError(reason: unknown): ApiError {
  if (reason instanceof ApiError) return reason;
  return new ApiError(0, { code: 'unexpected', message: String(reason) });
}

/** The address of a list, leaving out what is not asked for. */
export function address(path: string, query: Record<string, string | number | null>): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== null && value !== '');
  return pairs.length
    ? `${path}?${new URLSearchParams(pairs.map(([k, v]) => [k, String(v)]))}`
    : path;
}
