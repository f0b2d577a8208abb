"use strict";
// As tutorials write it: an S3 event becomes one CreateJob, the settings from a file, nothing else is asked or kept.

const AWS = require("aws-sdk");
const settings = require("./job.json");

const mediaConvert = new AWS.MediaConvert({ endpoint: process.env.AWS_ENDPOINT_URL_MEDIACONVERT });

require("./runtime.js").run(async (event) => {
  const { bucket, object } = event.Records[0].s3;
  const key = decodeURIComponent(object.key.replace(/\+/g, " "));
  const id = key.split("/")[1];
  const job = structuredClone(settings);
  job.Inputs[0].FileInput = `s3://${bucket.name}/${key}`;
  for (const group of job.OutputGroups) {
    group.OutputGroupSettings.HlsGroupSettings.Destination = `s3://${process.env.CONVERTED_BUCKET}/${id}/video`;
  }
  const created = await mediaConvert
    .createJob({
      Role: process.env.MEDIACONVERT_ROLE_ARN,
      Queue: process.env.MEDIACONVERT_QUEUE_ARN,
      UserMetadata: { id },
      Settings: job,
    })
    .promise();
  console.log(`submitted ${created.Job.Id}`);
});
