"use strict";
// As tutorials write it: the event of a job that is done becomes one UpdateItem, unconditional.

const AWS = require("aws-sdk");

const table = new AWS.DynamoDB.DocumentClient({ endpoint: process.env.AWS_ENDPOINT_URL_DYNAMODB });

require("./runtime.js").run(async (event) => {
  const { id } = event.detail.userMetadata;
  const [playlist] = event.detail.outputGroupDetails[0].playlistFilePaths;
  await table
    .update({
      TableName: process.env.VIDEOS_TABLE,
      Key: { id },
      UpdateExpression: "SET #status = :status, #playlist = :playlist",
      ExpressionAttributeNames: { "#status": "status", "#playlist": "playlist" },
      ExpressionAttributeValues: { ":status": event.detail.status, ":playlist": playlist },
    })
    .promise();
  console.log(`completed ${id}`);
});
