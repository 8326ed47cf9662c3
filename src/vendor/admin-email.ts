/** What is wrong with the address of an administrator, by parameter id; empty where nothing is. */
export function adminEmailErrors(adminEmail: string): Record<string, string> {
  if (/^\S+@\S+\.\S+$/.test(adminEmail)) return {};
  return { admin_email: 'Enter the e-mail address of an administrator.' };
}
