CREATE TABLE "users"."api_keys" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"name" text NOT NULL,
	"prefix" text NOT NULL,
	"secret_hash" text NOT NULL,
	"scopes" text[] NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"last_used_at" timestamp (3) with time zone,
	"expires_at" timestamp (3) with time zone,
	"revoked_at" timestamp (3) with time zone,
	CONSTRAINT "api_keys_secret_hash_unique" UNIQUE("secret_hash")
);
--> statement-breakpoint
CREATE TABLE "users"."avatar_uploads" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"content_type" text NOT NULL,
	"byte_length" integer NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"completed_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "users"."competitors" (
	"user_id" uuid NOT NULL,
	"competition_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"joined" boolean NOT NULL,
	CONSTRAINT "competitors_user_id_competition_id_pk" PRIMARY KEY("user_id","competition_id")
);
--> statement-breakpoint
CREATE TABLE "users"."data_exports" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"requested_at" timestamp (3) with time zone NOT NULL,
	"gathered" text[] NOT NULL,
	"ready_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "users"."email_tokens" (
	"hash" text PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"purpose" text NOT NULL,
	"email" text NOT NULL,
	"issued_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"used_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "users"."outside_identities" (
	"issuer" text NOT NULL,
	"subject" text NOT NULL,
	"user_id" uuid NOT NULL,
	CONSTRAINT "outside_identities_issuer_subject_pk" PRIMARY KEY("issuer","subject")
);
--> statement-breakpoint
ALTER TABLE "users"."people" ALTER COLUMN "password_hash" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "users"."people" ADD COLUMN "email_verified_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "users"."people" ADD COLUMN "profile_visibility" text DEFAULT 'PUBLIC' NOT NULL;--> statement-breakpoint
ALTER TABLE "users"."people" ADD COLUMN "avatar_id" uuid;--> statement-breakpoint
ALTER TABLE "users"."people" ADD COLUMN "erased_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "users"."api_keys" ADD CONSTRAINT "api_keys_user_id_people_id_fk" FOREIGN KEY ("user_id") REFERENCES "users"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "users"."avatar_uploads" ADD CONSTRAINT "avatar_uploads_user_id_people_id_fk" FOREIGN KEY ("user_id") REFERENCES "users"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "users"."data_exports" ADD CONSTRAINT "data_exports_user_id_people_id_fk" FOREIGN KEY ("user_id") REFERENCES "users"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "users"."email_tokens" ADD CONSTRAINT "email_tokens_user_id_people_id_fk" FOREIGN KEY ("user_id") REFERENCES "users"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "users"."outside_identities" ADD CONSTRAINT "outside_identities_user_id_people_id_fk" FOREIGN KEY ("user_id") REFERENCES "users"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "api_keys_user_id_index" ON "users"."api_keys" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "avatar_uploads_user_id_index" ON "users"."avatar_uploads" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "avatar_uploads_expires_at_index" ON "users"."avatar_uploads" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "competitors_competition_id_index" ON "users"."competitors" USING btree ("competition_id");--> statement-breakpoint
CREATE INDEX "data_exports_user_id_requested_at_index" ON "users"."data_exports" USING btree ("user_id","requested_at");--> statement-breakpoint
CREATE INDEX "email_tokens_user_id_purpose_index" ON "users"."email_tokens" USING btree ("user_id","purpose");--> statement-breakpoint
CREATE INDEX "outside_identities_user_id_index" ON "users"."outside_identities" USING btree ("user_id");