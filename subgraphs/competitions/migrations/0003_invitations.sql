CREATE TABLE "competitions"."invitations" (
	"competition_id" uuid NOT NULL,
	"inviter_id" uuid NOT NULL,
	"code_hash" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "invitations_competition_id_inviter_id_pk" PRIMARY KEY("competition_id","inviter_id"),
	CONSTRAINT "invitations_code_hash_unique" UNIQUE("code_hash")
);
--> statement-breakpoint
ALTER TABLE "competitions"."participations" ADD COLUMN "invited_by" uuid;--> statement-breakpoint
ALTER TABLE "competitions"."invitations" ADD CONSTRAINT "invitations_competition_id_competitions_id_fk" FOREIGN KEY ("competition_id") REFERENCES "competitions"."competitions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "invitations_inviter_id_created_at_competition_id_index" ON "competitions"."invitations" USING btree ("inviter_id","created_at","competition_id");--> statement-breakpoint
CREATE INDEX "participations_invited_by" ON "competitions"."participations" USING btree ("invited_by","competition_id") WHERE invited_by is not null;--> statement-breakpoint
INSERT INTO "competitions"."invitations" ("competition_id", "inviter_id", "code_hash", "created_at")
	SELECT "id", "organizer_id", "invitation_hash", coalesce("opened_at", now()) FROM "competitions"."competitions" WHERE "invitation_hash" IS NOT NULL;
--> statement-breakpoint
UPDATE "competitions"."participations" SET "invited_by" = "organizer_id" FROM "competitions"."competitions"
	WHERE "id" = "competition_id" AND "visibility" = 'INVITATION' AND "user_id" <> "organizer_id";
--> statement-breakpoint
ALTER TABLE "competitions"."competitions" DROP COLUMN "invitation_hash";