CREATE TABLE "competitions"."profiles" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"visibility" text NOT NULL,
	"may_invite" boolean NOT NULL,
	"version" integer NOT NULL
);
