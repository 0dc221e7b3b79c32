CREATE TABLE "fitness"."buckets" (
	"user_id" uuid NOT NULL,
	"metric" text NOT NULL,
	"start" timestamp (3) with time zone NOT NULL,
	"value" integer NOT NULL,
	"capped" boolean NOT NULL,
	"until" timestamp (3) with time zone NOT NULL,
	"provider" text NOT NULL,
	"device_id" text NOT NULL,
	"source_kind" text NOT NULL,
	CONSTRAINT "buckets_user_id_metric_start_pk" PRIMARY KEY("user_id","metric","start")
);
--> statement-breakpoint
CREATE TABLE "fitness"."competitions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"sealed" boolean DEFAULT false NOT NULL
);
--> statement-breakpoint
CREATE TABLE "fitness"."devices" (
	"id" text PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL
);
--> statement-breakpoint
CREATE TABLE "fitness"."enrolments" (
	"competition_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"participation_version" integer NOT NULL,
	"joined" boolean NOT NULL,
	"metric" text NOT NULL,
	"starts_at" timestamp (3) with time zone NOT NULL,
	"ends_at" timestamp (3) with time zone NOT NULL,
	"counts_manual" boolean NOT NULL,
	"score" bigint,
	"achieved_at" timestamp (3) with time zone,
	"score_version" integer DEFAULT 0 NOT NULL,
	"sealed" boolean NOT NULL,
	CONSTRAINT "enrolments_competition_id_user_id_pk" PRIMARY KEY("competition_id","user_id"),
	CONSTRAINT "enrolments_scored" CHECK (("fitness"."enrolments"."score" is null) = ("fitness"."enrolments"."achieved_at" is null))
);
--> statement-breakpoint
CREATE TABLE "fitness"."people" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"time_zone" text NOT NULL,
	"version" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "fitness"."records" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"user_id" uuid NOT NULL,
	"provider" text NOT NULL,
	"external_id" text NOT NULL,
	"version" integer NOT NULL,
	"device_id" text NOT NULL,
	"source_kind" text NOT NULL,
	"metric" text NOT NULL,
	"value" integer NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone NOT NULL,
	"status" text NOT NULL,
	"reason" text,
	"decision" text,
	"decision_reason" text,
	CONSTRAINT "records_user_id_provider_external_id_unique" UNIQUE("user_id","provider","external_id"),
	CONSTRAINT "records_decided" CHECK (("fitness"."records"."decision" is null) = ("fitness"."records"."decision_reason" is null))
);
--> statement-breakpoint
CREATE TABLE "fitness"."workouts" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"user_id" uuid NOT NULL,
	"provider" text NOT NULL,
	"external_id" text NOT NULL,
	"version" integer NOT NULL,
	"device_id" text NOT NULL,
	"kind" text NOT NULL,
	"distance" integer,
	"active_energy" integer,
	"started_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone NOT NULL,
	"status" text NOT NULL,
	"reason" text,
	CONSTRAINT "workouts_user_id_provider_external_id_unique" UNIQUE("user_id","provider","external_id")
);
--> statement-breakpoint
CREATE INDEX "enrolments_user_id_metric_index" ON "fitness"."enrolments" USING btree ("user_id","metric");--> statement-breakpoint
CREATE INDEX "records_user_id_started_at_index" ON "fitness"."records" USING btree ("user_id","started_at");--> statement-breakpoint
CREATE INDEX "records_held" ON "fitness"."records" USING btree ("started_at","id") WHERE "fitness"."records"."status" = 'HELD';--> statement-breakpoint
CREATE INDEX "workouts_user_id_started_at_id_index" ON "fitness"."workouts" USING btree ("user_id","started_at","id");--> statement-breakpoint
CREATE INDEX "workouts_held" ON "fitness"."workouts" USING btree ("user_id","started_at") WHERE "fitness"."workouts"."status" = 'HELD';