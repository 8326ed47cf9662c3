import { createHmac, randomBytes } from 'node:crypto';

/** Links to files, which work for a while and need no key. */
export class Links {
  /** Where the files are served; set once the server listens. */
  baseUrl = '';
  private readonly secret = randomBytes(16);

  /** @param path below `baseUrl`, for example `/usage-file/UF-…` */
  to(path: string, seconds: number): string {
    const expires = Date.now() + seconds * 1000;
    return `${this.baseUrl}${path}?expires=${expires}&signature=${this.sign(path, expires)}`;
  }

  /** Whether this is a link that was given out, and not too long ago. */
  allow(path: string, expires: number, signature: string): boolean {
    return signature === this.sign(path, expires) && Date.now() < expires;
  }

  private sign(path: string, expires: number): string {
    return createHmac('sha256', this.secret).update(`${path} ${expires}`).digest('hex').slice(0, 32);
  }
}
