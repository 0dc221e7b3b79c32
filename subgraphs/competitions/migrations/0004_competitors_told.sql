-- Of whom no event comes users believes that they are in no competition, also of those who joined before it kept a copy.
SELECT events.publish(json_build_array(json_build_object(
	'identifier', 'users/participant.joined',
	'payload', json_build_object(
		'competitionId', "competition_id",
		'userId', "user_id",
		'version', "version",
		'metric', "metric",
		'startsAt', to_char("starts_at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
		'endsAt', to_char("ends_at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
		'countsManual', true))))
FROM "competitions"."participations" JOIN "competitions"."competitions" ON "id" = "competition_id"
WHERE "participations"."status" = 'JOINED';
