-- Of whom no event comes competitions believes that they may not invite, also of those who might before it kept a copy.
SELECT events.publish(json_build_array(json_build_object(
	'identifier', 'competitions/user.profile_changed',
	'payload', json_build_object(
		'userId', "id",
		'displayName', "display_name",
		'timeZone', "time_zone",
		'version', "version",
		'visibility', "profile_visibility",
		'mayInvite', true))))
FROM "users"."people" WHERE "role" <> 'USER' AND "suspended_at" IS NULL;
