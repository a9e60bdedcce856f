// A real OpenID Connect provider for tests: node provider.mjs PORT PEOPLE CALLBACK
// PEOPLE is a JSON file {subject: claims} that is read for every answer, so that a test
// can change what the provider knows. Any password is right for a subject.
import { readFileSync } from 'node:fs';
import { Provider } from 'oidc-provider';

const [port, file, ...callbacks] = process.argv.slice(2);
const people = () => JSON.parse(readFileSync(file, 'utf8'));

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: 'daisy',
      client_secret: 'a client secret',
      redirect_uris: callbacks,
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code']
    }
  ],
  claims: {
    openid: ['sub'],
    profile: ['preferred_username', 'uid_number'],
    groups: ['groups', 'roles']
  },
  findAccount: (_, subject) => {
    const known = people()[subject];
    return (
      known && {
        accountId: subject,
        claims: () => ({ sub: subject, ...people()[subject] })
      }
    );
  },
  clockTolerance: 0, // tokens expire when they say so
  pkce: { required: () => true },
  issueRefreshToken: () => true,
  rotateRefreshToken: () => true,
  ttl: {
    AccessToken: 3,
    AuthorizationCode: 60,
    Grant: 3600,
    IdToken: 60,
    Interaction: 600,
    RefreshToken: 3600,
    Session: 3600
  },
  cookies: { keys: ['only for tests'] },
  features: { devInteractions: { enabled: true } }
});

provider.on('grant.success', ctx => console.log(ctx.oidc.params.grant_type));

provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
