import pg from 'pg'
import type { TestSupergraph } from './supergraph.ts'

/**
 * Notes every event that is published from now on, and can deliver all of them once more in a random order: what "at
 * least once, in any order" allows at its worst.
 */
export async function repeatEvents(podium: Pick<TestSupergraph, 'databaseUrl' | 'queue'>) {
  const admin = new pg.Client({ connectionString: podium.databaseUrl })
  admin.on('error', () => {}) // the database is dropped under it when a test fails
  await admin.connect()
  await admin.query(`
    create schema if not exists noted;
    create table if not exists noted.jobs (task_id int, payload json, max_attempts int);
    truncate noted.jobs;
    create or replace function noted.note() returns trigger language plpgsql security definer as $$
      begin
        if new.run_at <= now() then
          insert into noted.jobs values (new.task_id, new.payload, new.max_attempts);
        end if;
        return null;
      end $$;
    create or replace trigger note after insert on events._private_jobs for each row execute function noted.note();
  `)
  return {
    async shuffleAgain(): Promise<void> {
      await admin.query(`
        alter table events._private_jobs disable trigger note;
        insert into events._private_jobs (task_id, payload, max_attempts)
          select task_id, payload, max_attempts from noted.jobs order by random();
        alter table events._private_jobs enable trigger note;
      `)
    },
    close: () => admin.end(),
  }
}
