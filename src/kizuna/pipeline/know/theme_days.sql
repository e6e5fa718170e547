-- Complaints by theme and day, beside all comments of the day: what before and after is told from.
WITH days AS (
    SELECT said_on, count(*) AS all_comments FROM comments GROUP BY said_on
),

told AS (
    SELECT
        theme,
        said_on,
        count(*) AS comments,
        count(*) FILTER (WHERE mood IN ('bad', 'wish')) AS complaints
    FROM comment_themes
    GROUP BY theme, said_on
)

SELECT told.theme, told.said_on, told.comments, told.complaints, days.all_comments
FROM told
INNER JOIN days ON told.said_on = days.said_on
